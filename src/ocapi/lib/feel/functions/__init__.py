"""The built-in functions of DMN 1.2 to 1.5 by name."""

from ocapi.lib.feel.functions import contexts, intervals, lists, numeric, statistics, text, times
from ocapi.lib.feel.functions.signatures import table
from ocapi.lib.feel.names import Known

BUILT_INS = table(
    numeric.FUNCTIONS, text.FUNCTIONS, lists.FUNCTIONS, statistics.FUNCTIONS, contexts.FUNCTIONS,
    times.FUNCTIONS, intervals.FUNCTIONS, impure=times.IMPURE,
)
BUILT_IN_NAMES = Known(BUILT_INS)
