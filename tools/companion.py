"""Runs the AWS emulator for what tools/emulator.py lacks: moto, for image scans, CodeDeploy, task sets and weights of listener rules, for one test run.

It listens on 127.0.0.1 on a free port, prints one line of JSON with its address and version, and ends when its standard
input is closed, so that it never outlives the test that started it.
"""
import importlib.metadata
import json
import logging
import os
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


def end_with_standard_input():
    while os.read(0, 4096):
        pass
    os._exit(0)


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}", "version": importlib.metadata.version("moto")}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
