"""How the documentation is built: MyST Markdown, no network, nothing loaded from elsewhere."""

from importlib.metadata import version as installed_version

project = "Assay"
author = "The Assay authors"
project_copyright = "The Assay authors, Apache-2.0"
release = installed_version("assay")
version = release

extensions = ["myst_parser"]
myst_enable_extensions = ["deflist", "colon_fence"]
myst_heading_anchors = 3  # so that a page can be linked to by its headings

exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = f"Assay {release}"
html_copy_source = False
html_show_sphinx = False
