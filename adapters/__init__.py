"""The platforms by name: ``module:class``, imported only when a setting asks for it, so no SDK loads in vain."""

ADAPTERS: dict[str, str] = {
    "terminal": "adapters.terminal:Terminal",
}
