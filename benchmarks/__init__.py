"""How fast the console is, always beside a floor in the same run: `make bench`, or `python -m benchmarks`.

Only ratios mean anything on a machine that does other things too. The floor is the least that does the job:
Flask, psycopg and the right index, or RQ with a job that does nothing.
"""
