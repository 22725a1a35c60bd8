"""What can be done in the network. Views, commands and the API all come through here."""

from koinon.network.actions.dump import dump
from koinon.network.actions.facts import ask_owners_to_confirm
from koinon.network.actions.load import LoadError, is_loaded, load_facts, load_file, load_files

__all__ = ["LoadError", "ask_owners_to_confirm", "dump", "is_loaded", "load_facts", "load_file", "load_files"]
