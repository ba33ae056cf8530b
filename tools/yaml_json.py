#!/usr/bin/env python3
"""yaml_json.py FILE: a YAML document as one line of JSON, on stdout."""
import json
import sys

import yaml

with open(sys.argv[1], encoding="utf-8") as f:
    document = yaml.safe_load(f)
sys.stdout.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")
