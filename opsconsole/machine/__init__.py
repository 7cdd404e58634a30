"""One machine without a database server or Redis: start the parts, keep them running, stop them cleanly.

It knows the console by its commands and settings, and imports nothing of the rest of the package.
"""
