"""One machine without a database server or Redis: start the parts, keep them running, stop them cleanly.

Nothing in here knows what the console does; it imports nothing of the rest of the package.
"""
