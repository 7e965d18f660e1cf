// SPDX-License-Identifier: GPL-2.0-or-later
/* subject.c - users, groups and programs in the text */
#include "subject.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

#include "keyword.h"
#include "range.h"

#define MAX_ID 4294967294u /* one more is what the kernel calls invalid */
#define MAX_ENTRY_BYTES (1u << 20)

/* How users and groups differ. */
struct kind {
	const char *word; /* the attribute */
	const char *noun;
	/* 0, also when there is none, then *found is false; else an errno */
	int (*look_up)(const char *name, char *buffer, size_t size, bool *found,
		       u32 *id);
};

static int look_up_user(const char *name, char *buffer, size_t size,
			bool *found, u32 *uid)
{
	struct passwd entry, *result = NULL;
	int error = getpwnam_r(name, &entry, buffer, size, &result);

	*found = result;
	if (result)
		*uid = entry.pw_uid;
	return error;
}

static int look_up_group(const char *name, char *buffer, size_t size,
			 bool *found, u32 *gid)
{
	struct group entry, *result = NULL;
	int error = getgrnam_r(name, &entry, buffer, size, &result);

	*found = result;
	if (result)
		*gid = entry.gr_gid;
	return error;
}

/* Return: 0, -ENOENT: nobody has that name, else why nobody knows. */
static int look_up(const struct kind *kind, const char *name, u32 *id)
{
	size_t size = 1024;
	char *buffer = NULL, *more;
	bool found = false;
	int error;

	do {
		more = realloc(buffer, size);
		if (!more) {
			free(buffer);
			return -ENOMEM;
		}
		buffer = more;
		error = kind->look_up(name, buffer, size, &found, id);
		size *= 2;
	} while (error == ERANGE && size <= MAX_ENTRY_BYTES);
	free(buffer);
	/* Some name services say so instead of finding nothing: getpwnam(3). */
	if (!error || error == ESRCH || error == EBADF || error == EPERM)
		return found && *id <= MAX_ID ? 0 : -ENOENT;
	return -error;
}

static int scan_name(struct dmp_scanner *scanner, const struct dmp_token *token,
		     const struct kind *kind, u32 *id)
{
	char quote[DMP_QUOTE_SIZE], hint[80], *name;
	int ret;

	dmp_token_quote(scanner, token, quote);
	name = strndup(dmp_token_text(scanner, token), token->length);
	if (!name)
		return -ENOMEM;
	ret = look_up(kind, name, id);
	free(name);
	if (!ret || ret == -ENOMEM)
		return ret;
	snprintf(hint, sizeof(hint),
		 "for a %s of another machine write the number: %s NUMBER",
		 kind->noun, kind->word);
	if (ret == -ENOENT)
		return dmp_scan_refuse(scanner, token, hint,
				       "this machine has no %s %s", kind->noun,
				       quote);
	return dmp_scan_refuse(scanner, token, hint,
			       "the %s %s cannot be looked up: %s", kind->noun,
			       quote, strerror(-ret));
}

static int scan_id(struct dmp_scanner *scanner, const struct dmp_token *token,
		   u32 *id)
{
	u64 number;
	int ret = dmp_scan_number(scanner, token, &number);

	if (ret)
		return ret;
	if (number > MAX_ID)
		return dmp_scan_refuse(scanner, token, NULL,
				       "the largest number there is, is %u",
				       MAX_ID);
	*id = (u32)number;
	return 0;
}

static int scan_subject(struct dmp_scanner *scanner, const struct kind *kind,
			u32 *id)
{
	char what[64], hint[64];
	struct dmp_token token;
	const char *text;
	int ret;

	snprintf(what, sizeof(what), "the %s's name or number", kind->noun);
	snprintf(hint, sizeof(hint), "write: %s NAME, or %s NUMBER", kind->word,
		 kind->word);
	ret = dmp_scan_word(scanner, &token, what, hint);
	if (ret)
		return ret;
	text = dmp_token_text(scanner, &token);
	if (*text >= '0' && *text <= '9')
		return scan_id(scanner, &token, id);
	return scan_name(scanner, &token, kind, id);
}

int dmp_scan_user(struct dmp_scanner *scanner, u32 *uid)
{
	static const struct kind user = { "uid", "user", look_up_user };

	return scan_subject(scanner, &user, uid);
}

int dmp_scan_group(struct dmp_scanner *scanner, u32 *gid)
{
	static const struct kind group = { "gid", "group", look_up_group };

	return scan_subject(scanner, &group, gid);
}

static const char *fault_of(const char *path)
{
	size_t length = strlen(path);

	if (*path != '/')
		return "the path of the program does not start with '/'";
	if (path[length - 1] == '/')
		return "the path ends with '/', so it is not one of a program";
	return "the path has an empty component, '.' or '..' in it";
}

static int check_path(struct dmp_scanner *scanner,
		      const struct dmp_token *token, const char *path)
{
	size_t length = strlen(path);

	if (dmp_exe_is_valid(path, length))
		return 0;
	if (length > DMP_MAX_EXE_BYTES)
		return dmp_scan_refuse(
			scanner, token, NULL,
			"the path has %zu bytes, %u are the most", length,
			DMP_MAX_EXE_BYTES);
	return dmp_scan_refuse(
		scanner, token,
		"write the whole path as the kernel has it, such as /usr/bin/flashrom",
		"%s", fault_of(path));
}

int dmp_scan_exe(struct dmp_scanner *scanner, struct dmp_token *token,
		 char **path)
{
	int ret = dmp_scan(scanner, token);

	if (ret)
		return ret;
	if (token->kind == DMP_TOKEN_STRING) {
		ret = dmp_scan_string(scanner, token, path);
	} else if (token->kind == DMP_TOKEN_WORD &&
		   dmp_keyword_of(scanner, token) == DMP_WORD_UNKNOWN) {
		*path = strndup(dmp_token_text(scanner, token), token->length);
		ret = *path ? 0 : -ENOMEM;
	} else {
		ret = dmp_scan_refuse(scanner, token,
				      "write: exe /the/whole/path",
				      "the path of the program is missing");
	}
	return ret ? ret : check_path(scanner, token, *path);
}

/* What would end a word of the language. */
void dmp_exe_print(const char *path, FILE *stream)
{
	if (strpbrk(path, " #\"="))
		dmp_string_print(path, stream);
	else
		fputs(path, stream);
}
