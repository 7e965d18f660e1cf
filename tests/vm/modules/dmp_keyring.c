// SPDX-License-Identifier: GPL-2.0-only
/*
 * dmp_keyring - a certificate on one of the kernel's keyrings, for the tests
 *
 * A distribution's kernel takes certificates from its builder and the machine's
 * owner, and tests are neither. The parameter keyring is the serial number of a
 * keyring, as in /proc/keys. Writing a certificate (DER) to the file certificate in
 * debugfs, directory dmp_keyring, puts it there, without anybody vouching for it;
 * unloading takes it off again.
 */
#include <keys/asymmetric-type.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/key.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define CERTIFICATE_BYTES 4096

static int keyring;
module_param(keyring, int, 0444);
MODULE_PARM_DESC(keyring, "Serial number of the keyring");

static struct dentry *directory;
static struct key *ring;
static struct key *certificate; /* on the ring; NULL: none yet */

static int trust(const void *der, size_t bytes)
{
	key_ref_t key;

	key = key_create_or_update(make_key_ref(ring, 1), "asymmetric", NULL, der, bytes,
				   KEY_POS_ALL | KEY_USR_VIEW,
				   KEY_ALLOC_NOT_IN_QUOTA | KEY_ALLOC_BYPASS_RESTRICTION);
	if (IS_ERR(key))
		return PTR_ERR(key);
	certificate = key_ref_to_ptr(key);
	return 0;
}

static ssize_t certificate_write(struct file *file, const char __user *from, size_t count,
				 loff_t *position)
{
	void *der;
	int ret;

	if (certificate)
		return -EBUSY;
	if (count > CERTIFICATE_BYTES)
		return -EFBIG;
	der = memdup_user(from, count);
	if (IS_ERR(der))
		return PTR_ERR(der);
	ret = trust(der, count);
	kfree(der);
	return ret ? ret : count;
}

static const struct file_operations certificate_file = {
	.owner = THIS_MODULE,
	.write = certificate_write,
};

static int __init dmp_keyring_init(void)
{
	key_ref_t found = lookup_user_key(keyring, 0, KEY_NEED_SEARCH);

	if (IS_ERR(found))
		return PTR_ERR(found);
	ring = key_ref_to_ptr(found);
	directory = debugfs_create_dir("dmp_keyring", NULL);
	debugfs_create_file("certificate", 0200, directory, NULL, &certificate_file);
	return 0;
}

static void __exit dmp_keyring_exit(void)
{
	debugfs_remove(directory);
	if (certificate) {
		key_unlink(ring, certificate);
		key_put(certificate);
	}
	key_put(ring);
}

module_init(dmp_keyring_init);
module_exit(dmp_keyring_exit);
MODULE_DESCRIPTION("A trusted certificate for the tests of devmem-policy");
MODULE_LICENSE("GPL");
