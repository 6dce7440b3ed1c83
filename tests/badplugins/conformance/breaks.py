"""Own the list of breaks: the id of each check, and what makes the good module fail it."""

from breaks_answers import ANSWERS
from breaks_declared import DECLARED
from breaks_promises import PROMISES
from breaks_reading import READING
from breaks_start import START
from breaks_work import WORK
from breaks_writing import WRITING

BREAKS = {**START, **DECLARED, **READING, **ANSWERS, **WORK, **WRITING, **PROMISES}
