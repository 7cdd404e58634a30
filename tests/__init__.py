"""What is compiled is kept, whatever the environment says: a run starts a hundred processes, each would do it again.

And what is imported and collected is not searched for garbage meanwhile: hardly any of it goes away again.
"""

import gc
import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
if "_pytest" in sys.modules:
    gc.disable()  # until `pytest_collection_finish` in conftest.py
