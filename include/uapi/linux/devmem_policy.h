/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR MIT */
/*
 * devmem_policy.h - generic netlink family "devmem_policy", version 1
 *
 * This header is the protocol document. Numbers are native endian, as
 * everywhere in netlink; the policy bytes that BEGIN and ADD carry are the
 * canonical little-endian form of <devmem_policy/format.h>.
 *
 * Physical ranges are byte addresses and inclusive at both ends. Times are
 * nanoseconds since the epoch (CLOCK_REALTIME) unless the name says otherwise.
 *
 * Who may speak
 * -------------
 * The family exists in the initial network namespace only. Commands that read
 * (GET_STATUS, GET_POLICY, GET_RULE, GET_EVENT) need CAP_SYS_ADMIN, all others
 * need CAP_SYS_ADMIN and CAP_SYS_RAWIO, in the initial user namespace, both of
 * the task that opened the socket and of the one that sends. Anything else gets
 * EPERM and a sentence.
 *
 * Every refusal carries an extack message (NLMSGERR_ATTR_MSG), a sentence for
 * a person. Programs decide on the errno.
 *
 * Registering a policy
 * --------------------
 * A transaction belongs to the socket (port id) that began it. At most one is
 * open on a socket; closing the socket drops it, and a refused ADD ends it. Nothing
 * changes before COMMIT, which ends it, and changes everything or nothing.
 *
 *   BEGIN   HEADER      the first DMP_HEADER_BYTES bytes of the policy; they
 *                       say how long it is, and are checked at once
 *   ADD     DATA        the next bytes, in order, any number of messages
 *   COMMIT  SIGNATURE   detached PKCS#7/CMS signature (DER) over all the bytes
 *   ABORT               drop the transaction
 *   REMOVE  POLICY_NAME take a registered policy out again; its serial stays
 *                       remembered
 *   RESOLVE             look up the programs that rules name (exe) again, after
 *                       a file was replaced; each that changed is a
 *                       PROGRAM_CHANGED record, each policy that it concerns a
 *                       POLICY_RESOLVED record
 *   RAISE_FLOOR POLICY_NAME SERIAL
 *                       refuse serials of that policy up to and including
 *                       SERIAL from now on; never lowers anything, and leaves
 *                       what is registered alone
 *
 * Every registration that fails is one POLICY_REFUSED record: a BEGIN, ADD or COMMIT
 * that is refused, with its errno; and a transaction that ends without COMMIT, by
 * ABORT, with its socket or with the module, with ECANCELED. It names the policy as
 * far as the header that was sent does, and has the digest if all the announced
 * bytes had arrived. Requests that lack a capability or an attribute, or are not
 * part of a transaction, are no registrations.
 *
 *   errno          meaning
 *   EPERM          a capability is missing
 *   EBUSY          BEGIN: a transaction is open on this socket, or too many are
 *                  open on others
 *   ENOENT         ADD, COMMIT, ABORT: no transaction; REMOVE: no such policy
 *   EINVAL         a required attribute is missing, or the policy's bytes are
 *                  malformed (the message says where)
 *   EOPNOTSUPP     the policy needs a format version or a feature that this
 *                  module does not know
 *   E2BIG          a limit of the format is exceeded (also: too many rules
 *                  with conditions name one page), or ADD brought more bytes
 *                  than HEADER announced
 *   EMSGSIZE       COMMIT before all the announced bytes arrived (truncated)
 *   ENODATA        COMMIT without a signature (unsigned)
 *   EBADMSG        SIGNATURE is not a PKCS#7/CMS message that can be parsed
 *   ENOKEY         no trusted certificate belongs to the signer
 *   EKEYREJECTED   the signature does not belong to these bytes (tampered)
 *   ENOPKG         the signature's algorithm is not in this kernel, its digest
 *                  is weaker than SHA-256, or its key shorter than 3072 bits
 *   EALREADY       this serial of this policy was accepted before (replayed)
 *   ESTALE         a newer serial of this policy was accepted before, or the
 *                  serial is not above the floor that was set for it
 *   ERANGE         a rule is not aligned to the running kernel's pages, or
 *                  ends beyond the processor's physical address width
 *   EACCES         an allow rule touches the running kernel's image, or a rule
 *                  names a program (or the policy names an auditor) that
 *                  somebody else than root may change, or by a path with
 *                  symbolic links
 *   ENOEXEC        a rule names a program (or the policy an auditor) that is not
 *                  there, or not a file that can be executed
 *   ENOSPC         too many policies are registered, or floors remembered
 *   EAGAIN         RESOLVE: policies kept changing meanwhile
 *   ESHUTDOWN      BEGIN: the module is being unloaded
 *   ENOMEM         no memory
 *
 * Who a rule is for
 * -----------------
 * The subject of an access is the task that makes the call, with the
 * credentials in effect at that moment: its effective uid; its effective gid
 * and supplementary groups; the file that it executes (/proc/PID/exe). Ids are
 * those of the initial user namespace. A path in a rule is looked up by the
 * kernel at COMMIT and RESOLVE, from the root of the initial mount namespace;
 * what is compared is device, inode and generation.
 *
 * Time
 * ----
 * not-before, expires and until are compared with CLOCK_REALTIME at each
 * decision; for the ends, with the latest time that the module has seen, so
 * that setting the clock back revives nothing.
 *
 * Taking back
 * -----------
 *   REVOKE              everything that is granted, from now on:
 *          FIRST LAST     pages of a range (whole pages, inclusive)
 *          RULE_ID        of the rules with this id, in POLICY_NAME if given
 *          POLICY_NAME    of a policy
 *          none           all of it
 *   RESTORE             end every REVOKE; mappings that are gone stay gone
 *
 * A policy that is registered anew is not affected by an earlier REVOKE of it or
 * of its rules; the ranges stay revoked until RESTORE.
 *
 *   errno          meaning
 *   ENOENT         no such policy or rule, or it allows nothing
 *   EINVAL         an attribute is missing, or a range is not made of whole pages
 *   ENOSPC         too many ranges are revoked
 *
 * The auditor
 * -----------
 * One process is the auditor. Pages are granted only while there is one, while
 * it keeps proving that the probes work, and while the ring has a free slot.
 *
 *   ATTACH              become auditor; the answer is a challenge
 *   CHALLENGE           (auditor) the next challenge, for the heartbeat
 *   PROVE  PROOF        (auditor) the bytes that were read through /dev/mem
 *   ACK    SEQUENCE     (auditor) every record up to and including SEQUENCE is
 *                       durable; the kernel may reuse their slots
 *   DETACH              (auditor) stop being auditor
 *
 * A challenge is answered with CHALLENGE_ADDRESS, CHALLENGE_BYTES,
 * HEARTBEAT_MS and DEADLINE_MS. The auditor reads CHALLENGE_BYTES bytes at
 * CHALLENGE_ADDRESS with one pread(2) on /dev/mem and sends them as PROOF.
 * Only the process that asked can read them, once, and only while the probes
 * run: STRICT_DEVMEM refuses the page to everybody else. The page holds new
 * random bytes for each challenge. A proof is good for DEADLINE_MS; an auditor
 * asks for the next challenge every HEARTBEAT_MS. Closing the socket detaches.
 *
 * What was granted as a mapping is taken back when there has been no auditor, or
 * only one without a good proof, for the grace period (module parameter grace_ms);
 * REVOKED records then say AUDITOR_GONE, or UNPROVEN.
 *
 * A policy may name the program that may be auditor. ATTACH is then refused to
 * every process that executes another file than the one named by each policy in
 * force that names one, after these paths were looked up once more. Refusals are
 * AUDITOR_REFUSED records. An auditor that a policy does not name, which comes
 * into force while it is attached, is detached. In permissive mode, and out of
 * its time, a policy goes on naming its auditor. Attaching, detaching and refusals
 * are in the kernel's log, too.
 *
 *   errno          meaning
 *   EBUSY          ATTACH: there is an auditor already (the message says who)
 *   EACCES         ATTACH: a policy names another program as auditor
 *   ENOTCONN       the socket is not the auditor's
 *   ENODATA        PROVE without a challenge
 *   EIO            PROVE: no probe saw the read; the message says which switch
 *                  is known to silence probes
 *   EPROTO         PROVE: the bytes are wrong
 *   ERANGE         ACK: that record does not exist (yet), or is before the last
 *                  one acknowledged
 *   ENOENT         GET_EVENT: that record does not exist (yet), or no more
 *
 * Events
 * ------
 * GET_EVENT (dump) returns records in order, from SEQUENCE (the first wanted;
 * 0 or absent: the oldest not acknowledged) to the newest. Sequence numbers
 * start at 1 when the module is loaded and have no gaps. Acknowledged records
 * stay readable until their slot is reused. The multicast group "events" is a
 * doorbell: EVENT_NOTIFY says only the newest SEQUENCE.
 *
 * GET_EVENT without NLM_F_DUMP returns the one record SEQUENCE, or ENOENT. It is
 * for the last records: while the module is unloaded, the kernel starts no dumps
 * any more, but the module waits a moment for an auditor to fetch and acknowledge
 * them. The last one is MODULE_UNLOADING, with the final counters.
 *
 * One record is about one run of pages of one call, or, with CALLS, about several
 * calls that were alike:
 *   - grants to one task by a rule with LOG_SUMMARY, of calls that did not fail;
 *     FIRST and LAST then enclose all the pages, of which not every one need have
 *     been granted, and RESULT is absent if it was not always the same
 *   - denials, only while more than half of the ring is in use, that agree in
 *     everything but their time
 * TIME_NS is the start of the first of them, LAST_TIME_NS that of the last. Such a
 * record is numbered when it is complete, a second after its first call at most;
 * its slot is set aside before.
 *
 * What finds no slot is counted by kind, and told in LOSS records, one for each
 * kind, as soon as there is room: LOST_KIND, CALLS (records that were not made),
 * PAGES (their pages, if the kind has pages), REASON, and the times of the first
 * and the last of them. Grants are never lost, and have a quarter of the ring that
 * denials, PERMITTED and MISS do not get: these are counted from there on.
 *
 * Once no call is under way and everything was told, the log adds up:
 *
 *   counter             is the sum over the log of
 *   GRANTED_PAGES       PAGES of GRANT
 *   DENIED_PAGES        PAGES of DENIAL, and of LOSS with LOST_KIND DENIAL
 *   PERMITTED_PAGES     PAGES of PERMITTED, and of LOSS with that LOST_KIND
 *   REVOKED_PAGES       PAGES of REVOKED, and of LOSS with that LOST_KIND
 *   MISSES              records MISS, and CALLS of LOSS with that LOST_KIND
 *   LOADS               records POLICY_LOADED, and CALLS of LOSS likewise
 *   FAILED_LOADS        records POLICY_REFUSED, and CALLS of LOSS likewise
 *   UNRECORDED_DENIALS  PAGES of LOSS with LOST_KIND DENIAL
 *   UNRECORDED_EVENTS   CALLS of LOSS with any other LOST_KIND
 */
#ifndef _UAPI_LINUX_DEVMEM_POLICY_H
#define _UAPI_LINUX_DEVMEM_POLICY_H

#define DEVMEM_POLICY_GENL_NAME "devmem_policy"
#define DEVMEM_POLICY_GENL_VERSION 1
#define DEVMEM_POLICY_GENL_GROUP_EVENTS "events"

/* Bytes, including the final NUL where it is text. */
#define DEVMEM_POLICY_NAME_SIZE 64
#define DEVMEM_POLICY_LABEL_SIZE 128
#define DEVMEM_POLICY_EXE_SIZE 256
#define DEVMEM_POLICY_COMM_SIZE 16
#define DEVMEM_POLICY_DIGEST_BYTES 32 /* SHA-256 of the canonical policy */
#define DEVMEM_POLICY_PROOF_BYTES 32
#define DEVMEM_POLICY_DATA_MAX 65024 /* of one ADD */
#define DEVMEM_POLICY_SIGNATURE_MAX 16384

enum devmem_policy_command {
	DEVMEM_POLICY_CMD_UNSPEC,
	DEVMEM_POLICY_CMD_GET_STATUS, /* do */
	DEVMEM_POLICY_CMD_GET_POLICY, /* dump: one message a policy */
	DEVMEM_POLICY_CMD_GET_RULE, /* dump: one message a rule; POLICY_NAME selects */
	DEVMEM_POLICY_CMD_GET_EVENT, /* dump: one message a record; do: one record */
	DEVMEM_POLICY_CMD_BEGIN, /* do */
	DEVMEM_POLICY_CMD_ADD, /* do */
	DEVMEM_POLICY_CMD_COMMIT, /* do */
	DEVMEM_POLICY_CMD_ABORT, /* do */
	DEVMEM_POLICY_CMD_REMOVE, /* do */
	DEVMEM_POLICY_CMD_ATTACH, /* do */
	DEVMEM_POLICY_CMD_CHALLENGE, /* do */
	DEVMEM_POLICY_CMD_PROVE, /* do */
	DEVMEM_POLICY_CMD_ACK, /* do */
	DEVMEM_POLICY_CMD_DETACH, /* do */
	DEVMEM_POLICY_CMD_EVENT_NOTIFY, /* multicast */
	DEVMEM_POLICY_CMD_RESOLVE, /* do */
	DEVMEM_POLICY_CMD_RAISE_FLOOR, /* do */
	DEVMEM_POLICY_CMD_REVOKE, /* do */
	DEVMEM_POLICY_CMD_RESTORE, /* do */

	__DEVMEM_POLICY_CMD_MAX,
	DEVMEM_POLICY_CMD_MAX = __DEVMEM_POLICY_CMD_MAX - 1
};

/*
 * Top-level attributes. "(n)" is a nest of the set named, repeated where it
 * says "each". Texts are NUL-terminated.
 */
enum devmem_policy_attr {
	DEVMEM_POLICY_A_UNSPEC,
	DEVMEM_POLICY_A_PAD,

	/* Requests */
	DEVMEM_POLICY_A_HEADER, /* binary, DMP_HEADER_BYTES */
	DEVMEM_POLICY_A_DATA, /* binary, 1..DEVMEM_POLICY_DATA_MAX */
	DEVMEM_POLICY_A_SIGNATURE, /* binary, 0..DEVMEM_POLICY_SIGNATURE_MAX */
	DEVMEM_POLICY_A_PROOF, /* binary, DEVMEM_POLICY_PROOF_BYTES */
	DEVMEM_POLICY_A_SEQUENCE, /* u64; GET_EVENT, ACK, EVENT_NOTIFY */
	DEVMEM_POLICY_A_POLICY_NAME, /* text; REMOVE, GET_RULE, RAISE_FLOOR, REVOKE */

	/* Answers to ATTACH and CHALLENGE */
	DEVMEM_POLICY_A_CHALLENGE_ADDRESS, /* u64, physical byte address */
	DEVMEM_POLICY_A_CHALLENGE_BYTES, /* u32 */
	DEVMEM_POLICY_A_HEARTBEAT_MS, /* u32 */
	DEVMEM_POLICY_A_DEADLINE_MS, /* u32 */

	/* GET_STATUS */
	DEVMEM_POLICY_A_MODULE_VERSION, /* text */
	DEVMEM_POLICY_A_INSTANCE, /* u64, random at each load; also in each event */
	DEVMEM_POLICY_A_TAINTED_TRUST, /* flag: a development key is trusted */
	DEVMEM_POLICY_A_ANCHOR, /* (n) each trusted certificate */
	DEVMEM_POLICY_A_PROBE, /* (n) each probe */
	DEVMEM_POLICY_A_AUDITOR, /* (n) absent when there is none */
	DEVMEM_POLICY_A_RING, /* (n) */
	DEVMEM_POLICY_A_COUNTERS, /* (n) */
	DEVMEM_POLICY_A_DEFAULT_DENY, /* flag: some policy says default deny */

	/* One of these in each message of GET_POLICY, GET_RULE, GET_EVENT */
	DEVMEM_POLICY_A_POLICY, /* (n) */
	DEVMEM_POLICY_A_RULE, /* (n) */
	DEVMEM_POLICY_A_EVENT, /* (n) */

	/* Requests, continued */
	DEVMEM_POLICY_A_SERIAL, /* u64; RAISE_FLOOR */
	DEVMEM_POLICY_A_FIRST, /* u64, physical bytes; REVOKE */
	DEVMEM_POLICY_A_LAST, /* u64, inclusive; REVOKE */
	DEVMEM_POLICY_A_RULE_ID, /* u32; REVOKE */

	/* GET_STATUS, continued */
	DEVMEM_POLICY_A_PERMISSIVE, /* flag: the module enforces nothing */
	DEVMEM_POLICY_A_TRUST, /* u32, enum devmem_policy_trust */
	DEVMEM_POLICY_A_WITHDRAWN, /* (n) each range that was revoked */

	__DEVMEM_POLICY_A_MAX,
	DEVMEM_POLICY_A_MAX = __DEVMEM_POLICY_A_MAX - 1
};

enum devmem_policy_anchor_attr {
	DEVMEM_POLICY_ANCHOR_A_UNSPEC,
	DEVMEM_POLICY_ANCHOR_A_DESCRIPTION, /* text: the key's description */
	DEVMEM_POLICY_ANCHOR_A_FINGERPRINT, /* binary: SHA-256 of the DER */

	__DEVMEM_POLICY_ANCHOR_A_MAX,
	DEVMEM_POLICY_ANCHOR_A_MAX = __DEVMEM_POLICY_ANCHOR_A_MAX - 1
};

/* Whose signatures are accepted. */
enum devmem_policy_trust {
	DEVMEM_POLICY_TRUST_EMBEDDED, /* of the certificates in the module */
	DEVMEM_POLICY_TRUST_KERNEL, /* of the kernel's builtin and secondary keyrings */
	DEVMEM_POLICY_TRUST_BOTH,
};

enum devmem_policy_withdrawn_attr {
	DEVMEM_POLICY_WITHDRAWN_A_UNSPEC,
	DEVMEM_POLICY_WITHDRAWN_A_PAD,
	DEVMEM_POLICY_WITHDRAWN_A_FIRST, /* u64 */
	DEVMEM_POLICY_WITHDRAWN_A_LAST, /* u64, inclusive */

	__DEVMEM_POLICY_WITHDRAWN_A_MAX,
	DEVMEM_POLICY_WITHDRAWN_A_MAX = __DEVMEM_POLICY_WITHDRAWN_A_MAX - 1
};

enum devmem_policy_probe_state {
	DEVMEM_POLICY_PROBE_ABSENT, /* the kernel has no such symbol */
	DEVMEM_POLICY_PROBE_ARMED,
};

enum devmem_policy_probe_attr {
	DEVMEM_POLICY_PROBE_A_UNSPEC,
	DEVMEM_POLICY_PROBE_A_PAD,
	DEVMEM_POLICY_PROBE_A_SYMBOL, /* text, as found in the kernel */
	DEVMEM_POLICY_PROBE_A_REQUIRED, /* flag */
	DEVMEM_POLICY_PROBE_A_STATE, /* u32, enum devmem_policy_probe_state */
	DEVMEM_POLICY_PROBE_A_HITS, /* u64 */
	DEVMEM_POLICY_PROBE_A_MISSED, /* u64 */

	__DEVMEM_POLICY_PROBE_A_MAX,
	DEVMEM_POLICY_PROBE_A_MAX = __DEVMEM_POLICY_PROBE_A_MAX - 1
};

enum devmem_policy_auditor_attr {
	DEVMEM_POLICY_AUDITOR_A_UNSPEC,
	DEVMEM_POLICY_AUDITOR_A_PID, /* u32, initial pid namespace */
	DEVMEM_POLICY_AUDITOR_A_COMM, /* text */
	DEVMEM_POLICY_AUDITOR_A_PROVEN, /* flag: the last proof is still good */
	DEVMEM_POLICY_AUDITOR_A_PROOF_AGE_MS, /* u32; absent before the first */

	__DEVMEM_POLICY_AUDITOR_A_MAX,
	DEVMEM_POLICY_AUDITOR_A_MAX = __DEVMEM_POLICY_AUDITOR_A_MAX - 1
};

enum devmem_policy_ring_attr {
	DEVMEM_POLICY_RING_A_UNSPEC,
	DEVMEM_POLICY_RING_A_PAD,
	DEVMEM_POLICY_RING_A_SLOTS, /* u32, records */
	DEVMEM_POLICY_RING_A_RESERVED, /* u32, promised to calls under way */
	DEVMEM_POLICY_RING_A_NEWEST, /* u64, sequence; 0: none yet */
	DEVMEM_POLICY_RING_A_ACKNOWLEDGED, /* u64, sequence; 0: none yet */
	DEVMEM_POLICY_RING_A_PENDING, /* u32, of the reserved: records that are being
				       * added up
				       */

	__DEVMEM_POLICY_RING_A_MAX,
	DEVMEM_POLICY_RING_A_MAX = __DEVMEM_POLICY_RING_A_MAX - 1
};

/* All u64, since the module was loaded. */
enum devmem_policy_counter_attr {
	DEVMEM_POLICY_COUNTER_A_UNSPEC,
	DEVMEM_POLICY_COUNTER_A_PAD,
	DEVMEM_POLICY_COUNTER_A_GRANTED_PAGES,
	DEVMEM_POLICY_COUNTER_A_DENIED_PAGES,
	DEVMEM_POLICY_COUNTER_A_BASELINE_PAGES, /* the kernel's own verdict stood */
	DEVMEM_POLICY_COUNTER_A_OPERATIONS, /* read, write, mmap calls seen */
	DEVMEM_POLICY_COUNTER_A_UNTRACKED, /* operations that found no slot: their
					    * pages are decided one by one
					    */
	DEVMEM_POLICY_COUNTER_A_MISSES, /* calls whose pages do not add up */
	DEVMEM_POLICY_COUNTER_A_UNRECORDED_DENIALS, /* pages; the ring was full.
						     * Told in LOSS records.
						     */
	DEVMEM_POLICY_COUNTER_A_REVOKED_PAGES, /* withdrawn from mappings */
	DEVMEM_POLICY_COUNTER_A_LOADS, /* policies accepted */
	DEVMEM_POLICY_COUNTER_A_FAILED_LOADS,
	DEVMEM_POLICY_COUNTER_A_UNRECORDED_EVENTS, /* records of other kinds that
						    * found no slot
						    */
	DEVMEM_POLICY_COUNTER_A_PERMITTED_PAGES, /* PERMITTED records add up to it */
	DEVMEM_POLICY_COUNTER_A_LOOKUPS, /* rulings made: one a run of pages, if none stands */
	DEVMEM_POLICY_COUNTER_A_TOUCHED, /* index entries and rules looked at for them */

	__DEVMEM_POLICY_COUNTER_A_MAX,
	DEVMEM_POLICY_COUNTER_A_MAX = __DEVMEM_POLICY_COUNTER_A_MAX - 1
};

enum devmem_policy_policy_attr {
	DEVMEM_POLICY_POLICY_A_UNSPEC,
	DEVMEM_POLICY_POLICY_A_PAD,
	DEVMEM_POLICY_POLICY_A_NAME, /* text */
	DEVMEM_POLICY_POLICY_A_SERIAL, /* u64 */
	DEVMEM_POLICY_POLICY_A_DIGEST, /* binary, SHA-256 of the bytes enforced */
	DEVMEM_POLICY_POLICY_A_RULES, /* u32 */
	DEVMEM_POLICY_POLICY_A_DEFAULT_DENY, /* flag */
	DEVMEM_POLICY_POLICY_A_LOADED_NS, /* u64, time of COMMIT or RESOLVE */
	DEVMEM_POLICY_POLICY_A_PERMISSIVE, /* flag: mode permissive */
	DEVMEM_POLICY_POLICY_A_NOT_BEFORE_S, /* u64, seconds; absent: none */
	DEVMEM_POLICY_POLICY_A_EXPIRES_S, /* u64, seconds; absent: never */
	DEVMEM_POLICY_POLICY_A_OUT_OF_TIME, /* flag: allows nothing at this time */
	DEVMEM_POLICY_POLICY_A_AUDITOR, /* text: path of the program that may be
					 * auditor; absent: any
					 */

	__DEVMEM_POLICY_POLICY_A_MAX,
	DEVMEM_POLICY_POLICY_A_MAX = __DEVMEM_POLICY_POLICY_A_MAX - 1
};

/* Values of RULE_A_ACTION; also in the policy's bytes. */
enum devmem_policy_action {
	DEVMEM_POLICY_ALLOW = 1,
	DEVMEM_POLICY_DENY = 2,
};

/* Bits of RULE_A_OPS; also in the policy's bytes. */
#define DEVMEM_POLICY_OP_READ 1 /* read(2); mappings without PROT_WRITE */
#define DEVMEM_POLICY_OP_WRITE 2 /* write(2); shared writable mappings need both */

/* Bits of RULE_A_FLAGS; also in the policy's bytes. */
#define DEVMEM_POLICY_RULE_UNRESERVED_RAM 1 /* also RAM that is not PageReserved */
#define DEVMEM_POLICY_RULE_LOG_SUMMARY 2 /* grants to a task are summed, for a second */

/* Conditions of a rule; also in the policy's bytes. All must hold. */
#define DEVMEM_POLICY_CONDITION_UID 1
#define DEVMEM_POLICY_CONDITION_GID 2
#define DEVMEM_POLICY_CONDITION_EXE 4
#define DEVMEM_POLICY_CONDITION_UNTIL 8

enum devmem_policy_rule_attr {
	DEVMEM_POLICY_RULE_A_UNSPEC,
	DEVMEM_POLICY_RULE_A_PAD,
	DEVMEM_POLICY_RULE_A_POLICY_NAME, /* text */
	DEVMEM_POLICY_RULE_A_ID, /* u32 */
	DEVMEM_POLICY_RULE_A_ACTION, /* u32, enum devmem_policy_action */
	DEVMEM_POLICY_RULE_A_OPS, /* u32, DEVMEM_POLICY_OP_* */
	DEVMEM_POLICY_RULE_A_FLAGS, /* u32, DEVMEM_POLICY_RULE_* */
	DEVMEM_POLICY_RULE_A_FIRST, /* u64 */
	DEVMEM_POLICY_RULE_A_LAST, /* u64 */
	DEVMEM_POLICY_RULE_A_LABEL, /* text; absent when there is none */
	DEVMEM_POLICY_RULE_A_BECAUSE, /* text; absent when there is none */
	DEVMEM_POLICY_RULE_A_UID, /* u32; these four are absent without the condition */
	DEVMEM_POLICY_RULE_A_GID, /* u32 */
	DEVMEM_POLICY_RULE_A_EXE, /* text */
	DEVMEM_POLICY_RULE_A_UNTIL_S, /* u64, seconds */
	DEVMEM_POLICY_RULE_A_UNRESOLVED, /* flag: there is no such program now */
	DEVMEM_POLICY_RULE_A_OUT_OF_TIME, /* flag: until has passed */
	DEVMEM_POLICY_RULE_A_WITHDRAWN, /* flag: by REVOKE */

	__DEVMEM_POLICY_RULE_A_MAX,
	DEVMEM_POLICY_RULE_A_MAX = __DEVMEM_POLICY_RULE_A_MAX - 1
};

enum devmem_policy_event_kind {
	DEVMEM_POLICY_EVENT_GRANT = 1, /* pages granted in one call */
	DEVMEM_POLICY_EVENT_DENIAL, /* pages refused in one call */
	DEVMEM_POLICY_EVENT_LOSS, /* what found no free slot, summed by LOST_KIND */
	DEVMEM_POLICY_EVENT_MISS, /* a call whose pages do not add up */
	DEVMEM_POLICY_EVENT_MODULE_LOADED,
	DEVMEM_POLICY_EVENT_POLICY_LOADED,
	DEVMEM_POLICY_EVENT_POLICY_REFUSED,
	DEVMEM_POLICY_EVENT_POLICY_REMOVED,
	DEVMEM_POLICY_EVENT_AUDITOR_ATTACHED,
	DEVMEM_POLICY_EVENT_AUDITOR_DETACHED,
	DEVMEM_POLICY_EVENT_REVOKED, /* pages withdrawn from mappings */
	DEVMEM_POLICY_EVENT_PERMITTED, /* pages left to the kernel, permissively */
	DEVMEM_POLICY_EVENT_MODE_CHANGED, /* PERMISSIVE says to what */
	DEVMEM_POLICY_EVENT_EXPIRED, /* a policy, or a rule of it, has come to its end */
	DEVMEM_POLICY_EVENT_PROGRAM_CHANGED, /* of RULE_ID, or the auditor that the
					      * policy names; RESULT: 0, or why
					      * there is none
					      */
	DEVMEM_POLICY_EVENT_POLICY_RESOLVED, /* its programs were looked up again */
	DEVMEM_POLICY_EVENT_WITHDRAWN, /* REVOKE: a range, a policy or one rule of it */
	DEVMEM_POLICY_EVENT_RESTORED, /* RESTORE */
	DEVMEM_POLICY_EVENT_PROBES_SILENT, /* a proof failed: they do not fire; RESULT:
					    * -EIO. Once, until they fire again.
					    */
	DEVMEM_POLICY_EVENT_AUDITOR_REFUSED, /* POLICY_NAME names another program */
	DEVMEM_POLICY_EVENT_MODULE_UNLOADING, /* COUNTERS are the last */

	__DEVMEM_POLICY_EVENT_MAX
};

/* What enforcing would have done with the pages. */
enum devmem_policy_would {
	DEVMEM_POLICY_WOULD_PERMIT = 1,
	DEVMEM_POLICY_WOULD_REFUSE,
};

enum devmem_policy_operation {
	DEVMEM_POLICY_OPERATION_READ = 1, /* read(2) and its relatives */
	DEVMEM_POLICY_OPERATION_WRITE, /* write(2) and its relatives */
	DEVMEM_POLICY_OPERATION_MMAP_READ, /* not writable, or private */
	DEVMEM_POLICY_OPERATION_MMAP_WRITE, /* shared and writable */
};

/* What devmem_is_allowed() itself returned. */
enum devmem_policy_baseline {
	DEVMEM_POLICY_BASELINE_DENY = 0,
	DEVMEM_POLICY_BASELINE_ALLOW = 1,
	DEVMEM_POLICY_BASELINE_MASK = 2, /* x86, RAM under 1 MiB: reads as zeros */
};

/* Why a page was granted or refused, a mapping revoked, or an auditor detached. */
enum devmem_policy_reason {
	DEVMEM_POLICY_REASON_UNSPEC,
	DEVMEM_POLICY_REASON_ALLOW_RULE, /* granted by RULE_ID */
	DEVMEM_POLICY_REASON_DENY_RULE, /* refused by RULE_ID */
	DEVMEM_POLICY_REASON_NO_RULE, /* no rule names the page; kernel refuses */
	DEVMEM_POLICY_REASON_OPERATION, /* RULE_ID names the page, not the operation */
	DEVMEM_POLICY_REASON_DEFAULT_DENY, /* refused by a policy's default */
	DEVMEM_POLICY_REASON_NO_AUDITOR,
	DEVMEM_POLICY_REASON_UNPROVEN, /* auditor present, its proof too old */
	DEVMEM_POLICY_REASON_RING_FULL,
	DEVMEM_POLICY_REASON_NOT_RESERVED, /* RAM that is not PageReserved */
	DEVMEM_POLICY_REASON_EXECUTABLE, /* PROT_EXEC asked for */
	DEVMEM_POLICY_REASON_BUSY, /* too many processes are mapping at once */
	DEVMEM_POLICY_REASON_UNLOADING,
	DEVMEM_POLICY_REASON_REPLACED, /* the policy was replaced */
	DEVMEM_POLICY_REASON_REMOVED, /* the policy was removed */
	DEVMEM_POLICY_REASON_AUDITOR_GONE, /* longer than the grace period */
	DEVMEM_POLICY_REASON_UNTRACKED, /* the call found no slot */
	DEVMEM_POLICY_REASON_SUBJECT, /* RULE_ID is for somebody else */
	DEVMEM_POLICY_REASON_NOT_YET, /* RULE_ID's policy begins later */
	DEVMEM_POLICY_REASON_EXPIRED, /* RULE_ID, or its policy, has expired */
	DEVMEM_POLICY_REASON_WITHDRAWN, /* an administrator's REVOKE */
	DEVMEM_POLICY_REASON_PROGRAM, /* the file of the program was replaced */
	DEVMEM_POLICY_REASON_PERMISSIVE, /* the module enforces nothing any more */
	DEVMEM_POLICY_REASON_NOT_NAMED, /* the auditor: POLICY_NAME names another */

	__DEVMEM_POLICY_REASON_MAX
};

/*
 * Attributes that do not apply to the kind are absent. GRANT and DENIAL say what
 * really happened, also where WOULD says otherwise.
 */
enum devmem_policy_event_attr {
	DEVMEM_POLICY_EVENT_A_UNSPEC,
	DEVMEM_POLICY_EVENT_A_PAD,
	DEVMEM_POLICY_EVENT_A_SEQUENCE, /* u64 */
	DEVMEM_POLICY_EVENT_A_TIME_NS, /* u64, start of the (first) call */
	DEVMEM_POLICY_EVENT_A_KIND, /* u32, enum devmem_policy_event_kind */
	DEVMEM_POLICY_EVENT_A_OPERATION, /* u32, enum devmem_policy_operation */
	DEVMEM_POLICY_EVENT_A_BASELINE, /* u32, enum devmem_policy_baseline */
	DEVMEM_POLICY_EVENT_A_REASON, /* u32, enum devmem_policy_reason */
	DEVMEM_POLICY_EVENT_A_FIRST, /* u64, of the pages */
	DEVMEM_POLICY_EVENT_A_LAST, /* u64, of the pages */
	DEVMEM_POLICY_EVENT_A_PAGES, /* u64 */
	DEVMEM_POLICY_EVENT_A_RESULT, /* s64: what the operation returned: bytes,
				       * 0 or -errno; why when POLICY_REFUSED
				       */
	DEVMEM_POLICY_EVENT_A_POLICY_NAME, /* text */
	DEVMEM_POLICY_EVENT_A_POLICY_SERIAL, /* u64 */
	DEVMEM_POLICY_EVENT_A_RULE_ID, /* u32 */
	DEVMEM_POLICY_EVENT_A_DIGEST, /* binary; POLICY_LOADED, _RESOLVED, _REMOVED;
				       * POLICY_REFUSED if all bytes were there
				       */
	DEVMEM_POLICY_EVENT_A_PID, /* u32, thread group, initial pid namespace */
	DEVMEM_POLICY_EVENT_A_TID, /* u32, thread */
	DEVMEM_POLICY_EVENT_A_COMM, /* binary, 1..16 bytes, no NUL, any bytes */
	DEVMEM_POLICY_EVENT_A_EXE, /* binary, no NUL; the last 255 bytes of the
				    * path if it is longer
				    */
	DEVMEM_POLICY_EVENT_A_UID, /* u32, real; initial user namespace */
	DEVMEM_POLICY_EVENT_A_EUID, /* u32 */
	DEVMEM_POLICY_EVENT_A_GID, /* u32, real */
	DEVMEM_POLICY_EVENT_A_EGID, /* u32 */
	DEVMEM_POLICY_EVENT_A_AUID, /* u32, login uid; 4294967295: none */
	DEVMEM_POLICY_EVENT_A_SESSION, /* u32; 4294967295: none */
	DEVMEM_POLICY_EVENT_A_UNRECORDED_DENIALS, /* u64, the counter at that time */
	DEVMEM_POLICY_EVENT_A_MISSES, /* u64, the counter at that time */
	DEVMEM_POLICY_EVENT_A_WOULD, /* u32, enum devmem_policy_would; absent where
				      * all is enforced
				      */
	DEVMEM_POLICY_EVENT_A_TRANSFERRED, /* u64, bytes that a read or write which
					    * failed had moved before
					    */
	DEVMEM_POLICY_EVENT_A_PERMISSIVE, /* u32, 0 or 1; MODE_CHANGED */
	DEVMEM_POLICY_EVENT_A_CALLS, /* u64; absent: one */
	DEVMEM_POLICY_EVENT_A_LAST_TIME_NS, /* u64; with CALLS */
	DEVMEM_POLICY_EVENT_A_LOST_KIND, /* u32, enum devmem_policy_event_kind; LOSS */
	DEVMEM_POLICY_EVENT_A_COUNTERS, /* (n) enum devmem_policy_counter_attr;
					 * MODULE_UNLOADING
					 */

	__DEVMEM_POLICY_EVENT_A_MAX,
	DEVMEM_POLICY_EVENT_A_MAX = __DEVMEM_POLICY_EVENT_A_MAX - 1
};

#endif /* _UAPI_LINUX_DEVMEM_POLICY_H */
