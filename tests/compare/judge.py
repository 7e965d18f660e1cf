# SPDX-License-Identifier: GPL-2.0-or-later
"""What must be true of the configurations, each alone and beside each other."""
import json
import subprocess

from measured import WAYS

MORE_OPEN = 10  # exit status of devmemctl exposure --compare
STRICT = ("stock", "relaxed", "policy", "deny", "killed")


class Judge:
    """Checks, each with a sentence; a part that is not there is not judged."""

    def __init__(self, all_measured, devmemctl):
        self.all = all_measured
        self.devmemctl = devmemctl
        self.checks = []

    def check(self, sentence, good, seen=""):
        self.checks.append((sentence, bool(good), str(seen)))

    def equal(self, sentence, wanted, seen):
        self.check(sentence, wanted == seen, f"wanted {wanted}, saw {seen}")

    def has(self, *names):
        return all(name in self.all for name in names)

    def compare(self, before, after):
        """What devmemctl says of two sweeps: its exit status, and the JSON."""
        paths = [self.all[name].directory / "exposure.json" for name in (before, after)]
        done = subprocess.run([self.devmemctl, "-j", "exposure", "--compare", *paths],
                              capture_output=True, text=True, check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout else {}

    # --- each alone ---------------------------------------------------------------

    def alone(self, one):
        self.check(f"{one.name}: came to its end", not one.trouble and
                   one.facts.get("ended") == "yes", "; ".join(one.trouble[:3]))
        self.check(f"{one.name}: the sweep is complete", one.sweep.get("complete"))
        if one.audited and "end" in one.status:
            self.accounts(one)

    def accounts(self, one):
        refused = one.refused_calls()
        self.check(f"{one.name}: something was refused", refused > 1000, refused)
        self.equal(f"{one.name}: each refused page of the sweep is counted", refused,
                   one.denied_between("before", "swept"))
        self.equal(f"{one.name}: each page that was counted is in the log",
                   one.status["end"]["counters"]["denied_pages"], one.log.denied_pages)
        done = subprocess.run([self.devmemctl, "log", "verify", *one.log.files],
                              capture_output=True, text=True, check=False)
        self.equal(f"{one.name}: the log is intact", 0, done.returncode)
        # Without a daemon what found no room is only counted.
        if one.name != "killed":
            secret = int(one.facts["secret"], 16)
            self.check(f"{one.name}: the log names the attempt at the secret",
                       one.log.names("seek", secret), f"no denial of 0x{secret:x} to seek")

    # --- beside each other ----------------------------------------------------------

    def same(self, one, other, sentence):
        for way in WAYS:
            differ = self.all[one].open[way] ^ self.all[other].open[way]
            self.check(f"{sentence}: {way}", not differ, f"{len(differ)} pages differ")
        status, _ = self.compare(one, other)
        self.equal(f"{sentence}: devmemctl finds nothing more", 0, status)

    def exactly_the_policy(self):
        stock, policy = self.all["stock"], self.all["policy"]
        wanted = policy.buffer_pages()
        self.equal("the policy names pages", 64, len(wanted))
        for way in WAYS:
            self.check(f"policy: exactly its pages are added over stock: {way}",
                       policy.open[way] - stock.open[way] == wanted,
                       f"{len(policy.open[way] - stock.open[way])} pages added")
            self.check(f"policy: no page is missing that stock gives: {way}",
                       not stock.open[way] - policy.open[way],
                       f"{len(stock.open[way] - policy.open[way])} pages missing")
        status, difference = self.compare("stock", "policy")
        self.equal("policy: devmemctl finds more open", MORE_OPEN, status)
        for way in WAYS:
            self.equal(f"policy: devmemctl finds so many more pages: {way}", len(wanted),
                       difference.get("more_open", {}).get(way))

    def granted_is_counted(self):
        """Pages that were granted to the sweep, as the log has them."""
        policy = self.all["policy"]
        swept, before = policy.status["swept"]["counters"], policy.status["before"]["counters"]
        self.check("policy: what is granted is in the log as well",
                   policy.log.granted.get("devmemctl", 0) ==
                   swept["granted_pages"] - before["granted_pages"] >= 3 * 64,
                   policy.log.granted)

    def others(self):
        """Other programs than those of the rule"""
        policy = self.all["policy"]
        read, _, refused = policy.facts["searched"].split()
        self.check("policy: the search, another program, gets no page", read == "0" or
                   int(read) <= policy.zero_filled(), policy.facts["searched"])
        self.check("policy: nor does it any of the buffer", int(refused) > 1000, refused)

    def secrets(self):
        for one in self.all.values():
            wanted = "no" if one.name in STRICT else "yes"
            self.equal(f"{one.name}: the secret is {'not ' if wanted == 'no' else ''}found",
                       wanted, one.facts.get("secret_found"))

    def revoked(self):
        for name, wanted in ("policy", "yes"), ("killed", "yes"), ("bare", "no"):
            if not self.has(name):
                continue
            facts = self.all[name].facts
            self.equal(f"{name}: the buffer could be mapped", "mapped", facts.get("held"))
            self.equal(f"{name}: the mapping can be taken back", wanted,
                       facts.get("revocable"))

    def kernel_image(self):
        for one in self.all.values():
            reached = one.reachable("kernel")
            if one.name in STRICT:
                self.equal(f"{one.name}: no page of the kernel's image is reachable", 0, reached)
            else:
                self.check(f"{one.name}: the kernel's image is reachable", reached > 1000, reached)

    def all_ram(self, name):
        one = self.all[name]
        missing = sum(len(span.pages) for span in one.spans
                      if span.ram and span.answers["read"] != "allowed")
        self.equal(f"{name}: all RAM can be read, to the page", 0, missing)

    def pat(self):
        with_pat, without = self.all["open"], self.all["open-nopat"]
        self.check("open: PAT refuses to map RAM", with_pat.refused_calls("EINVAL") > 1000 and
                   not any(span.ram and span.ground == "ram" and
                           span.answers["map"] == "allowed" for span in with_pat.spans),
                   with_pat.sweep.get("attempts"))
        refused = sum(len(span.pages) for span in without.spans
                      if span.part != "unknown" and span.answers["map-write"] != "allowed")
        self.equal("open-nopat: every page can be mapped to write", 0, refused)

    def relaxed_is_more(self):
        stock, relaxed = self.all["stock"], self.all["relaxed"]
        for way in WAYS:
            self.check(f"relaxed: all that stock gives: {way}",
                       not stock.open[way] - relaxed.open[way])
        self.equal("relaxed: no RAM more than stock", stock.reachable("ram"),
                   relaxed.reachable("ram"))

    def attempt(self, judgement, *arguments):
        """What cannot be judged because something is missing is not passed."""
        try:
            judgement(*arguments)
        except (KeyError, ValueError, TypeError) as trouble:
            names = " ".join([judgement.__name__.replace("_", " "), *(
                argument if isinstance(argument, str) else argument.name
                for argument in arguments)])
            self.check(f"{names}: there is enough to judge it by", False, repr(trouble))

    def all_of_it(self):
        for one in self.all.values():
            self.attempt(self.alone, one)
        self.attempt(self.secrets)
        self.attempt(self.kernel_image)
        self.attempt(self.revoked)
        if self.has("stock", "policy"):
            self.attempt(self.exactly_the_policy)
            self.attempt(self.granted_is_counted)
            self.attempt(self.others)
        if self.has("stock", "killed"):
            self.attempt(self.same, "stock", "killed",
                         "killed: what stock gives, no more and no less")
        if self.has("deny"):
            self.equal("deny: nothing is open", [0, 0, 0],
                       [len(self.all["deny"].open[way]) for way in WAYS])
        if self.has("stock", "relaxed"):
            self.attempt(self.relaxed_is_more)
        for name in ("open", "open-nopat", "bare"):
            if self.has(name):
                self.attempt(self.all_ram, name)
        if self.has("open", "open-nopat"):
            self.attempt(self.pat)
