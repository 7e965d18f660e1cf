// SPDX-License-Identifier: GPL-2.0-only
/*
 * program.c - the file of a program
 *
 * A rule names a program by its path. What the path means is settled in process
 * context, from the root that init started with, so that nobody's private mounts
 * count; what an access is compared with is three numbers of the file. They tell
 * files apart as long as nobody but root can put another one there, so that is
 * what the path must promise.
 *
 * The numbers are those of the inode itself, which a probe handler can read, and
 * not those that stat(2) reports: file systems with subvolumes make up the latter.
 */
#include <linux/uidgid.h>

#include "compat.h"
#include "message.h"
#include "program.h"

static void dmp_program_read(struct dmp_program *program, const struct inode *inode)
{
	program->device = inode->i_sb->s_dev;
	program->inode = inode->i_ino;
	program->generation = inode->i_generation;
	program->resolved = true;
}

/* With POSIX ACLs the group's bits are their mask, so they cover these too. */
static int dmp_program_check_writers(umode_t mode, int bytes, const char *name,
				     struct netlink_ext_ack *extack)
{
	if (!(mode & 0022))
		return 0;
	dmp_say(extack, "%.*s is writable by %s: chmod go-w", bytes, name,
		mode & 0002 ? "others" : "its group");
	return -EACCES;
}

/* The first bytes of name are how the place is called. */
static int dmp_program_check_place(const struct path *place, int bytes, const char *name,
				   struct netlink_ext_ack *extack)
{
	const struct inode *inode = d_inode(place->dentry);

	if (!uid_eq(inode->i_uid, GLOBAL_ROOT_UID)) {
		dmp_say(extack, "%.*s belongs to uid %u, not to root: chown root", bytes, name,
			from_kuid(&init_user_ns, inode->i_uid));
		return -EACCES;
	}
	if (dmp_mount_is_idmapped(place->mnt)) {
		dmp_say(extack, "%.*s is on an ID-mapped mount, where root's files may be others'",
			bytes, name);
		return -EACCES;
	}
	return dmp_program_check_writers(inode->i_mode, bytes, name, extack);
}

/* From a file or directory to the directory that it is in, across mounts. */
static void dmp_program_climb(struct path *place)
{
	struct dentry *parent;

	while (place->dentry == place->mnt->mnt_root && follow_up(place))
		;
	parent = dget_parent(place->dentry);
	dput(place->dentry);
	place->dentry = parent;
}

/*
 * No symbolic link is in the way, so each component is one step up, and the name
 * of each place is a prefix of the path.
 */
static int dmp_program_check_way(const struct path *file, const struct path *root,
				 const char *name, struct netlink_ext_ack *extack)
{
	struct path place = *file;
	int bytes, ret;

	path_get(&place);
	ret = dmp_program_check_place(&place, strlen(name), name, extack);
	for (bytes = strlen(name) - 1; bytes >= 0 && !ret; bytes--) {
		if (name[bytes] != '/')
			continue;
		dmp_program_climb(&place);
		ret = dmp_program_check_place(&place, bytes ?: 1, name, extack);
	}
	if (!ret && !path_equal(&place, root)) {
		dmp_say(extack, "%s was moved while it was looked up: try again", name);
		ret = -ENOEXEC;
	}
	path_put(&place);
	return ret;
}

static int dmp_program_check_file(const struct path *file, const char *name,
				  struct netlink_ext_ack *extack)
{
	umode_t mode = d_inode(file->dentry)->i_mode;
	const char *what = NULL;

	if (!S_ISREG(mode))
		what = "is not a regular file";
	else if (!(mode & 0111))
		what = "is not executable";
	else if (file->mnt->mnt_flags & MNT_NOEXEC || file->mnt->mnt_sb->s_iflags & SB_I_NOEXEC)
		what = "is on a mount with noexec";
	if (!what)
		return 0;
	dmp_say(extack, "%s %s", name, what);
	return -ENOEXEC;
}

static int dmp_program_no_way(int error, const char *name, struct netlink_ext_ack *extack)
{
	switch (error) {
	case -ELOOP:
		dmp_say(extack, "%s goes through a symbolic link; name the file itself", name);
		return -EACCES;
	case -ENOENT:
	case -ENOTDIR:
		dmp_say(extack, "there is no program %s", name);
		return -ENOEXEC;
	default:
		dmp_say(extack, "%s cannot be looked up: error %d", name, -error);
		return error;
	}
}

static int dmp_program_resolve_from(const struct path *root, const char *name,
				    struct dmp_program *program, struct netlink_ext_ack *extack)
{
	struct path file;
	int ret;

	ret = vfs_path_lookup(root->dentry, root->mnt, name, LOOKUP_FOLLOW | LOOKUP_NO_SYMLINKS,
			      &file);
	if (ret)
		return dmp_program_no_way(ret, name, extack);
	ret = dmp_program_check_file(&file, name, extack);
	if (!ret)
		ret = dmp_program_check_way(&file, root, name, extack);
	if (!ret)
		dmp_program_read(program, d_inode(file.dentry));
	path_put(&file);
	return ret;
}

/**
 * dmp_program_resolve() - what file a path names, if nobody but root can change that
 * @path: valid in the sense of format.h
 * @program: all zero on failure
 * @extack: gets a sentence on failure; may be NULL
 *
 * The file and the directories above it must belong to root and be writable by
 * nobody else; a sticky bit makes no difference. The path must not go through
 * symbolic links.
 *
 * Context: Process; may sleep.
 * Return: 0; -ENOEXEC when there is no such program; -EACCES when somebody else
 * may change it, or for a symbolic link; else what looking it up returned.
 */
int dmp_program_resolve(const char *path, struct dmp_program *program,
			struct netlink_ext_ack *extack)
{
	struct path root;
	int ret;

	memset(program, 0, sizeof(*program));
	dmp_init_root(&root);
	ret = dmp_program_resolve_from(&root, path, program, extack);
	path_put(&root);
	return ret;
}

/**
 * dmp_program_of_current() - the file that current executes
 * @program: all zero when there is none
 *
 * What works for a process with its memory (workers of io_uring) executes its
 * file, too. It is what /proc/PID/exe shows, and no more than that: whoever may
 * use PR_SET_MM_MAP of prctl(2), in a user namespace of its own at least, names
 * another.
 *
 * Context: Any; also probe handlers.
 */
void dmp_program_of_current(struct dmp_program *program)
{
	struct file *file = current->mm ? dmp_exe_file(current->mm) : NULL;

	memset(program, 0, sizeof(*program));
	if (!file)
		return;
	dmp_program_read(program, file_inode(file));
	fput(file);
}

/**
 * dmp_program_same() - are these the same file?
 * @a: a program
 * @b: a program
 *
 * Context: Any; also probe handlers.
 * Return: false if there is none, even twice.
 */
bool dmp_program_same(const struct dmp_program *a, const struct dmp_program *b)
{
	return a->resolved && b->resolved && a->device == b->device && a->inode == b->inode &&
	       a->generation == b->generation;
}

/* dmp_program_changed() - is it another file than before, or is there one no more? */
bool dmp_program_changed(const struct dmp_program *now, const struct dmp_program *before)
{
	return now->resolved != before->resolved ||
	       (now->resolved && !dmp_program_same(now, before));
}
