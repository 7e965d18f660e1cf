#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Judge what a power cut left on the disk; for tests/vm/audit/power.

power.py cut DIR DEVMEMCTL    a lane's directory, after each of its cuts
power.py end DIR DEVMEMCTL    the same, after devmemd and the guest have ended
power.py figures DIR...       what there is to say about all of them
power.py unpack BZIMAGE FILE  not about them: unpack a kernel that is in XZ

DIR has "said", what the guest said until then; "disk", what its disk holds; and
"memory.json", what this program knew before. Prints a line for each thing that is
not as it should be.
"""
import hashlib
import json
import lzma
import pathlib
import struct
import subprocess
import sys

LOG = "audit.jsonl"
STATE = "serials.json"
LOST = "acknowledged records are missing"
NEW_MEMORY = {
    "held": 0, "hash": hashlib.sha256().hexdigest(),  # the log's whole lines
    "files": {},    # what the disk held: name, bytes, SHA-256
    "begun": False,  # there was a file for a rotation that did not come
    "floor": 0,
    "torn": "",     # an unfinished line that is still to be mended, in hex
    "cuts": [],     # of which records reached the log: instance, last record, lost
    "figures": {},
}


# --- what the guest said --------------------------------------------------------

def read_said(path):
    """The last line may be cut off, and is not believed."""
    said = {"files": {}, "acked": 0, "newest": 0, "instance": None, "floor": 0,
            "words": set(), "not": []}
    for line in path.read_text(errors="replace").split("\n")[:-1]:
        word, _, rest = line.strip("\r").partition(" ")
        if word == "file":
            name, length, digest = rest.split()
            said["files"][name] = [int(length), digest]
        elif word == "acked":
            instance, acked, newest = rest.split()
            said.update(instance=instance, acked=int(acked), newest=int(newest))
        elif word == "floor":
            said["floor"] = int(rest)
        elif word in ("not", "#"):
            said["not"].append(line.strip("\r"))
        else:
            said["words"].add(word)
    return said


# --- what the disk holds --------------------------------------------------------

def parse(line):
    """What is no line of a log is left to the verifier."""
    try:
        fields = json.loads(line)
        return fields if isinstance(fields, dict) else {}
    except ValueError:
        return {}


class Log:
    """The files, oldest first."""

    def __init__(self, disk):
        numbered = [(int(path.name[len(LOG) + 1:]), path) for path in disk.glob(LOG + ".[0-9]*")]
        self.paths = [path for _, path in sorted(numbered, reverse=True)]
        if (disk / LOG).exists():
            self.paths.append(disk / LOG)
        self.whole = b""
        self.torn = []  # name and bytes
        for path in self.paths:
            text = path.read_bytes()
            end = text.rfind(b"\n") + 1
            self.whole += text[:end]
            if end < len(text):
                self.torn.append((path.name, text[end:]))
        self.begun = (disk / (LOG + ".new")).exists()
        self.unbegun = (disk / (LOG + ".1")).exists() and (
            not (disk / LOG).exists() or b"\n" not in (disk / LOG).read_bytes())

    def lines_of(self, instance):
        return [line for line in map(parse, self.whole.split(b"\n"))
                if line.get("instance") == instance]

    def last_instance(self):
        for line in reversed(self.whole.split(b"\n")):
            instance = parse(line).get("instance")
            if instance:
                return instance
        return None


def read_floor(path):
    """Judged by what devmemd(8) says that the file is. Return: serial, complaint."""
    if not path.exists():
        return 0, None
    text = path.read_bytes()
    try:
        state = json.loads(text)
        policies = json.dumps(state["policies"], sort_keys=True, separators=(",", ":"))
        if state["checksum"] != hashlib.sha256(policies.encode()).hexdigest():
            return 0, "the state file's checksum is wrong"
        again = json.dumps(state, sort_keys=True, separators=(",", ":")) + "\n"
        if again.encode() != text:
            return 0, "the state file is not in its form"
        return state["policies"].get("power", {}).get("serial", 0), None
    except (ValueError, KeyError, AttributeError) as error:
        return 0, f"the state file is corrupt: {error!r}"


def describe(path):
    text = path.read_bytes()
    return [len(text), hashlib.sha256(text).hexdigest()]


# --- judging --------------------------------------------------------------------

def judge_files(memory, said):
    """The guest's kernel replayed the journal to what e2fsck(8) made of it."""
    if memory["files"] != said["files"]:
        yield f"the guest found {said['files']}, but the disk had {memory['files']}"


def judge_prefix(memory, log):
    """What was in the log once is there for ever."""
    held = log.whole[:memory["held"]]
    if hashlib.sha256(held).hexdigest() != memory["hash"]:
        yield f"the {memory['held']} bytes that the log had are not what they were"
    memory.update(held=len(log.whole), hash=hashlib.sha256(log.whole).hexdigest())


def judge_repair(memory, log):
    """A line that was torn is still there as it was, or was mended and marked."""
    if len(log.torn) > 1 or log.torn and log.torn[0][0] != LOG:
        yield f"unfinished lines at the end of {[name for name, _ in log.torn]}"
    before = bytes.fromhex(memory["torn"])
    now = log.torn[-1][1] if log.torn else b""
    if before and before != now:
        digest = hashlib.sha256(before).hexdigest()
        mark = f'"dropped_bytes":{len(before)},"dropped_sha256":"{digest}"'
        if mark.encode() in log.whole:
            count(memory, "mended")
        else:
            yield f"an unfinished line of {len(before)} bytes is gone, and not marked"
    if now and now != before:
        count(memory, "torn")
        count(memory, "zeros", not now.strip(b"\0"))
    memory["torn"] = now.hex()


def judge_state(memory, said, disk):
    floor, complaint = read_floor(disk / STATE)
    if complaint:
        yield complaint
    wanted = max(memory["floor"], said["floor"])
    if floor < wanted:
        yield f"the state file's floor is {floor}, but serial {wanted} was in force"
    memory["floor"] = max(floor, wanted)


def judge_records(memory, said, log):
    """No record of the instance that was cut is missing, of those acknowledged."""
    if not said["instance"]:
        count(memory, "early")
        return
    lines = log.lines_of(said["instance"])
    numbers = [line["seq"] for line in lines if "seq" in line]
    last = numbers[-1] if numbers else 0
    if numbers != list(range(1, last + 1)):
        yield f"the records of {said['instance']} are not 1 to {last}"
    if last < said["acked"]:
        yield f"{LOST}: {said['acked']} were, the log ends with {last}"
    lost = max(said["newest"] - last, 0)
    count(memory, "records", last)
    if lines:
        memory["cuts"].append([said["instance"], last, lost])
    else:
        count(memory, "unseen")


def judge_verifier(memory, log, devmemctl):
    """Each instance that was cut, and that another follows, is told as cut off."""
    run = subprocess.run([devmemctl, "-j", "log", "verify", *log.paths],
                         stdout=subprocess.PIPE, check=False)
    said = json.loads(run.stdout) if run.stdout else {"result": "nothing"}
    count(memory, "verified")
    if said["result"] not in ("intact", "incomplete"):
        yield f"the verifier says {said}"
        return
    told = {cut["instance"]: cut["last_seq"] for cut in said["cut_off"]}
    running = log.last_instance()
    for instance, last, lost in memory["cuts"]:
        if instance == running:
            if lost and said["result"] == "intact":
                count(memory, "undecided")
        elif told.get(instance) != last:
            yield f"the verifier does not tell that {instance} was cut off behind {last}: {said}"
    ends = {instance: last + 1 for instance, last, _ in memory["cuts"]}
    for gap in said["missing"]:
        if ends.get(gap["instance"]) != gap["first"]:
            yield f"the verifier misses {gap}, which is not behind a cut"


def judge_end(memory, said, log):
    if "over" not in said["words"]:
        yield "the guest did not come to its end"
    if memory["torn"] or log.torn:
        yield "an unfinished line was not mended"
    last = parse(log.whole.split(b"\n")[-2])
    if last.get("cause") != "stop" or last.get("last_seq") != last.get("kernel_newest"):
        yield f"the log does not end in order: {last}"
    run = subprocess.run([sys.executable, "tests/log/verify.py", *log.paths],
                         stdout=subprocess.DEVNULL, check=False)
    if run.returncode != (9 if memory["cuts"] else 0):
        yield f"the verifier in Python exits with {run.returncode}"


def judge(how, directory, devmemctl):
    memory_path = directory / "memory.json"
    memory = NEW_MEMORY
    if memory_path.exists():
        memory = json.loads(memory_path.read_text())
    said = read_said(directory / "said")
    disk = directory / "disk"
    log = Log(disk)
    complaints = said["not"]
    complaints += judge_files(memory, said)
    complaints += judge_prefix(memory, log)
    complaints += judge_repair(memory, log)
    complaints += judge_state(memory, said, disk)
    if how == "cut":
        complaints += judge_records(memory, said, log)
        count(memory, "cuts")
        count(memory, "starting", "load" not in said["words"])
        count(memory, "rotating", log.unbegun or log.begun and not memory["begun"])
    complaints += judge_verifier(memory, log, devmemctl)
    if how == "end":
        complaints += judge_end(memory, said, log)
    memory["files"] = {name: describe(disk / name) for name in (LOG, LOG + ".1", STATE)
                       if (disk / name).exists()}
    memory.update(log_files=len(log.paths), begun=log.begun)
    memory_path.write_text(json.dumps(memory))
    return complaints


# --- figures --------------------------------------------------------------------

def count(memory, what, number=1):
    figures = memory["figures"]
    figures[what] = figures.get(what, 0) + int(number)


def print_figures(directories):
    memories = [json.loads((directory / "memory.json").read_text())
                for directory in directories if (directory / "memory.json").exists()]

    def total(what):
        return sum(memory["figures"].get(what, 0) for memory in memories)

    lost = [cut[2] for memory in memories for cut in memory["cuts"]]
    print(f"power cuts: {total('cuts')}; {total('starting')} of them before there was load, "
          f"{total('rotating')} during a rotation; {total('early') + total('unseen')} before "
          f"devmemd's first line was on the disk")
    print(f"acknowledged or not, {total('records')} records of the instances that were cut "
          f"are in {sum(memory['log_files'] for memory in memories)} files, "
          f"{sum(memory['held'] for memory in memories) >> 10} KiB")
    print(f"unfinished lines: {total('torn')}, {total('zeros')} of them of zeros only; "
          f"mended and marked: {total('mended')}")
    print(f"records that were made, and lost before they were acknowledged: {sum(lost)} in "
          f"{sum(map(bool, lost))} cuts; least {min(lost, default=0)}, "
          f"most {max(lost, default=0)} in a cut")
    print(f"verified {total('verified')} times; {total('undecided')} cuts left a log that "
          f"only the next start of devmemd shows to have been cut off")


# --- kernels --------------------------------------------------------------------

def unpack(image, path):
    """Where it is: the kernel's Documentation/x86/boot.rst, setup_sects, payload_offset"""
    start = (image[0x1f1] + 1) * 512 + struct.unpack_from("<I", image, 0x248)[0]
    length = struct.unpack_from("<I", image, 0x24c)[0]
    # Behind it are four bytes with the length of what comes out.
    path.write_bytes(lzma.LZMADecompressor().decompress(image[start:start + length]))


def main():
    how, *rest = sys.argv[1:]
    if how == "unpack":
        unpack(pathlib.Path(rest[0]).read_bytes(), pathlib.Path(rest[1]))
        return 0
    if how == "figures":
        print_figures([pathlib.Path(name) for name in rest])
        return 0
    complaints = judge(how, pathlib.Path(rest[0]), rest[1])
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
