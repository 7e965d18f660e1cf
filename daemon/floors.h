/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floors.h - the serial floors: for each policy's name the highest serial that
 * was accepted, and the digest of that policy
 *
 * They outlive the kernel's own memory of it, so that an old policy cannot be
 * put back by a reboot. They are in a file of one JSON object, compact and with
 * sorted keys, in one line:
 *
 *   format      1
 *   checksum    64 hex digits: SHA-256 of what stands at "policies"
 *   policies    for each name an object with serial and digest; a serial above
 *               9223372036854775807 is a string
 *
 * Whatever is not, byte for byte, what this program writes is corrupt.
 */
#ifndef DEVMEM_POLICY_FLOORS_H
#define DEVMEM_POLICY_FLOORS_H

#include <linux/devmem_policy.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dmp_floor {
	char name[DEVMEM_POLICY_NAME_SIZE];
	uint64_t serial; /* 0: none */
	uint8_t digest[DEVMEM_POLICY_DIGEST_BYTES];
};

struct dmp_floors {
	char *path;
	struct dmp_floor *list; /* in the order of the names */
	size_t count;
	bool unsaved; /* the file may say something else */
};

/*
 * dmp_floors_read() - read the state file
 *
 * Return: 0; -ENOENT when there is none; -EBADMSG when it is corrupt;
 * -EOPNOTSUPP when its format is another; -EINVAL when it is no regular file;
 * -ENOMEM; or what reading it said. To be freed in every case.
 */
int dmp_floors_read(struct dmp_floors *floors, const char *path);
void dmp_floors_free(struct dmp_floors *floors);

/*
 * dmp_floors_create() - make an empty state file
 * @aside: gets the name under which a bad one was kept, to be freed, or NULL
 *
 * Return: 0; -EEXIST when there is a valid one; or -errno.
 */
int dmp_floors_create(const char *path, char **aside);

const struct dmp_floor *dmp_floors_find(const struct dmp_floors *floors, const char *name);

/* Compared with the floor of its name, a policy is: */
enum dmp_floor_answer {
	DMP_FLOOR_NEWER, /* acceptable; there may be no floor */
	DMP_FLOOR_SAME, /* acceptable: the one that was accepted last */
	DMP_FLOOR_OLDER,
	DMP_FLOOR_OTHER, /* of the same serial, but another policy */
};

enum dmp_floor_answer dmp_floors_compare(const struct dmp_floors *floors,
					 const struct dmp_floor *policy);

/*
 * dmp_floors_set() - set the floor of a name, and make it durable
 * @floor: with serial 0 there shall be none
 * @before: gets what it was; may be NULL
 *
 * When it fails nothing has changed in memory, but the file may hold the new
 * floor; the next one that is written says what is true.
 *
 * Return: 0 or -errno.
 */
int dmp_floors_set(struct dmp_floors *floors, const struct dmp_floor *floor,
		   struct dmp_floor *before);

/*
 * dmp_floors_note() - the kernel has accepted this policy
 *
 * Raises the floor if it is lower: in memory, and unless an error is returned in
 * the file too. While floors->unsaved, dmp_floors_save() can try that again.
 */
int dmp_floors_note(struct dmp_floors *floors, const struct dmp_floor *policy);
int dmp_floors_save(struct dmp_floors *floors);

#endif /* DEVMEM_POLICY_FLOORS_H */
