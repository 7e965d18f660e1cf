/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * anchors.S - the certificates that are trusted: DER, one after the other
 */
#include <linux/linkage.h>

	.section .rodata, "a", %progbits
	.balign 8
	.globl dmp_anchors_begin
dmp_anchors_begin:
	.incbin "anchors.der"
	.globl dmp_anchors_end
dmp_anchors_end:
	.byte 0
