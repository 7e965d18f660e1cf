// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain.h"

#include <errno.h>
#include <string.h>

#include "names.h"
#include "say.h"

static enum dmp_exit explain(const char *sentence, int error, const char *doing)
{
	/* With a sentence it is the module that does not find something. */
	if (error == -ENOENT && !*sentence) {
		dmp_say(LOG_ERR, "the module devmem_policy is not loaded");
		return DMP_EXIT_NO_MODULE;
	}
	if (!*sentence)
		sentence = error == -EPERM ? "this takes rights that are missing" :
					     strerror(-error);
	dmp_say(LOG_ERR, "%s: %s (%s)", doing, sentence, dmp_errno_name(-error).text);
	return error == -EPERM ? DMP_EXIT_NO_RIGHTS : DMP_EXIT_FAILED;
}

enum dmp_exit dmp_explain(const struct dmp_nl *nl, int error, const char *doing)
{
	return explain(nl ? dmp_nl_message(nl) : "", error, doing);
}

enum dmp_exit dmp_explain_fault(const struct dmp_fault *fault, const char *doing)
{
	return explain(fault->sentence, fault->error, doing);
}

enum dmp_exit dmp_open_or_explain(struct dmp_nl **nl)
{
	int ret = dmp_nl_open(nl);

	if (!ret)
		return DMP_EXIT_OK;
	return dmp_explain(NULL, ret, "the module cannot be reached");
}

enum dmp_exit dmp_load_exit(int error)
{
	switch (-error) {
	case EPERM:
		return DMP_EXIT_NO_RIGHTS;
	case EINVAL:
	case EOPNOTSUPP:
	case E2BIG:
	case EMSGSIZE:
		return DMP_EXIT_POLICY;
	case ENODATA:
	case EBADMSG:
	case ENOKEY:
	case EKEYREJECTED:
	case ENOPKG:
		return DMP_EXIT_SIGNATURE;
	default:
		return DMP_EXIT_FAILED;
	}
}
