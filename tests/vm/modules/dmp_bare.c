// SPDX-License-Identifier: GPL-2.0-only
/*
 * dmp_bare - the shortest way to open /dev/mem, to be measured
 *
 * A kretprobe makes devmem_is_allowed() return 1, whoever asks, and for whatever
 * page. It opens everything and keeps no record. Never load it anywhere else than in
 * the virtual machine of the comparison.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

static int bare_return(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	regs_set_return_value(regs, 1);
	return 0;
}
NOKPROBE_SYMBOL(bare_return);

static struct kretprobe bare_probe = {
	.kp.symbol_name = "devmem_is_allowed",
	.handler = bare_return,
	.maxactive = 256,
};

static int __init dmp_bare_init(void)
{
	return register_kretprobe(&bare_probe);
}

static void __exit dmp_bare_exit(void)
{
	unregister_kretprobe(&bare_probe);
}

module_init(dmp_bare_init);
module_exit(dmp_bare_exit);
MODULE_DESCRIPTION("A probe that opens all of /dev/mem, to compare devmem-policy with");
MODULE_LICENSE("GPL");
