"""Entry of the frozen program: a package's `__main__` cannot be one, having no package around it."""

from __future__ import annotations

import sys

from rtms_desktop.__main__ import main

sys.exit(main())
