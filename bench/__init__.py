"""`make bench`: what the product costs at 100,000 and 1,000,000 cases, beside plain SQL or Python.

`house` keeps engines and databases, `build` fills them, `proof` shows that what was written by COPY
is what the verbs write, `run` measures one size, `__main__` runs the sizes and prints the table.
"""
