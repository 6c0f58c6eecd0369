"""Are the sentences of the program true? Funnels with known truth are simulated and shown to the public analyses.

A *verdict* is a sentence that people act on. Each has a function that simulates it `runs` times and yields what it
found, against the share or the error that is allowed; `python -m tests.calibration` prints them all. Two worlds are
simulated: W1, units independent and rates constant; W2, true rates that vary from period to period by 10%.
"""
