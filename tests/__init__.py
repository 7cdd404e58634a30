"""What is compiled is kept, whatever the environment says: a run starts a hundred processes, each would do it again."""

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
