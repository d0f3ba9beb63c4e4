"""The documentation site: ``nox -s docs``, or ``sphinx-build -W docs site`` by hand."""

from __future__ import annotations

from emoanim import __version__

project = "emoanim"
author = copyright = "The emoanim authors"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 4

# Docstrings hold shapes and units; signatures hold the types.
autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_type_aliases = {name: name for name in ("ArrayLike", "Image", "Frames", "Footage")}
python_maximum_signature_line_length = 88
# Only the reference of what runs on them would need them; the site is built without.
autodoc_mock_imports = ["torch", "torchmetrics", "torch_fidelity", "ray", "dlib", "gradio"]
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"emoanim {release}"
html_static_path: list[str] = []
html_show_sourcelink = False
html_theme_options = {"source_directory": "docs/", "navigation_with_keys": True}
