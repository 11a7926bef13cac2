# The compiled part is private; the modules beside it are the typed interface.

from typing import Any

def __getattr__(name: str) -> Any: ...
