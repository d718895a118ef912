"""Sets the clock of a process off by PIKA_CLOCK_SHIFT seconds. Python imports it where this folder is on PYTHONPATH.

Only tests/screens.py asks for it: its pictures show a Saturday afternoon at whatever hour they are taken.
"""

import os
import time

import time_machine

time_machine.travel(time.time() + float(os.environ["PIKA_CLOCK_SHIFT"]), tick=True).start()
