"""python -m optimizer"""

from optimizer.cli.commands import main

main()
