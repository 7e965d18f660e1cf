// SPDX-License-Identifier: GPL-2.0-only
/*
 * dmp_secret - something in the kernel's memory that nobody else should know
 *
 * 32 random bytes as hexadecimal digits behind a heading, in memory from kmalloc().
 * They are told to nobody; whoever says that they are known can have it checked.
 *
 * Files in debugfs, directory dmp_secret:
 *
 *   address   of the heading, physical
 *   check     write what you take for the secret, heading and digits: EINVAL if it is
 *             not
 */
#include <linux/debugfs.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define HEADING "devmem-policy secret "
#define RANDOM_BYTES 32
#define HEADING_BYTES (sizeof(HEADING) - 1)
#define SECRET_BYTES (HEADING_BYTES + 2 * RANDOM_BYTES)

static char *secret;
static struct dentry *directory;

static int address_get(void *data, u64 *value)
{
	*value = virt_to_phys(secret);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(address_file, address_get, NULL, "0x%llx\n");

static ssize_t check_write(struct file *file, const char __user *from, size_t count,
			   loff_t *position)
{
	char said[SECRET_BYTES];
	bool same;

	if (count != sizeof(said))
		return -EINVAL;
	if (copy_from_user(said, from, count))
		return -EFAULT;
	same = !memcmp(said, secret, sizeof(said));
	memzero_explicit(said, sizeof(said));
	return same ? count : -EINVAL;
}

static const struct file_operations check_file = {
	.owner = THIS_MODULE,
	.write = check_write,
};

static int __init dmp_secret_init(void)
{
	u8 random[RANDOM_BYTES];

	secret = kmalloc(SECRET_BYTES, GFP_KERNEL);
	if (!secret)
		return -ENOMEM;
	get_random_bytes(random, sizeof(random));
	memcpy(secret, HEADING, HEADING_BYTES);
	bin2hex(secret + HEADING_BYTES, random, sizeof(random));
	memzero_explicit(random, sizeof(random));
	directory = debugfs_create_dir("dmp_secret", NULL);
	debugfs_create_file("address", 0400, directory, NULL, &address_file);
	debugfs_create_file("check", 0200, directory, NULL, &check_file);
	pr_info("dmp_secret: there is one\n");
	return 0;
}

static void __exit dmp_secret_exit(void)
{
	debugfs_remove(directory);
	kfree_sensitive(secret);
}

module_init(dmp_secret_init);
module_exit(dmp_secret_exit);
MODULE_DESCRIPTION("A secret in kernel memory, for the tests of devmem-policy");
MODULE_LICENSE("GPL");
