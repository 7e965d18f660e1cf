// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memtool - use /dev/mem in every way that the tests need
 *
 * Commands, one a line on standard input with "-", or as arguments with "then"
 * between them. Each prints one line; failures print the name of the errno.
 *
 * Descriptor (memtool/file.c)
 *   open rw|ro|wo|sync|FILE      the descriptor that what follows uses (rw)
 *   use NUMBER                   the same, one that was inherited
 *   read ADDRESS BYTES           pread(2); prints the count and the first line
 *   seekread ADDRESS BYTES       lseek(2) and read(2)
 *   preadv ADDRESS BYTES         with two vectors
 *   partial ADDRESS BYTES        what arrived of a read, also if it failed
 *   write ADDRESS TEXT [BYTES]   pwrite(2), TEXT repeated up to BYTES
 *
 * Mapping (memtool/mapping.c)
 *   mmap ADDRESS BYTES PROT [private|fixed]
 *                                PROT is made of r, w, x; fixed: over another
 *   munmap
 *   peek OFFSET                  the first line of text in the mapping
 *   poke OFFSET TEXT             write to the mapping
 *   mprotect PROT                of the whole mapping
 *   mremap                       move the mapping
 *   grow BYTES                   mremap(2) in place
 *   remap ADDRESS                remap_file_pages(2) of all of it
 *   where                        its address in this process
 *   maps                         rights of each mapping of /dev/mem
 *
 * Subject (memtool/subject.c)
 *   uid EFFECTIVE [REAL]         of this process
 *   gid EFFECTIVE [REAL]
 *   groups NUMBER,...|none       supplementary groups
 *   userns UID                   a user namespace where the uid is called that
 *   read-implies-exec            personality(2)
 *   thread UID COMMAND...        in a thread with this effective uid
 *   fork                         go on in a child, the parent waits
 *   pass UID COMMAND...          in a child with this uid that is sent the
 *                                descriptor over a socket
 *   sleep MILLISECONDS
 *
 * io_uring (memtool/uring.c)
 *   uring [poll]                 set it up; poll: with a polling kernel thread
 *   uring-identity               what follows has the credentials of now
 *   uring-read ADDRESS BYTES     in a worker, or in that thread
 *   uring-write ADDRESS TEXT
 *
 * Debugger (memtool/debugger.c), WHO being self or a pid
 *   procread WHO WHERE           /proc/PID/mem
 *   procwrite WHO WHERE TEXT
 *   vmread WHO WHERE             process_vm_readv(2)
 *   peekdata PID WHERE           ptrace(2), 8 bytes
 *   pokedata PID WHERE TEXT
 *
 * Touching what is not there prints SIGBUS or SIGSEGV. The exit status is 0 when
 * every command worked.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "tests/vm/memtool/command.h"

#define MAX_WORDS 12

static int run_lines(void)
{
	char line[256], *words[MAX_WORDS], *word;
	int count, ret = 0;

	while (fgets(line, sizeof(line), stdin)) {
		count = 0;
		for (word = strtok(line, " \n"); word && count < MAX_WORDS;
		     word = strtok(NULL, " \n"))
			words[count++] = word;
		if (count && run_command(count, words))
			ret = 1;
	}
	return ret;
}

static int run_arguments(int count, char **words)
{
	int used, ret = 0;

	while (count > 0) {
		for (used = 0; used < count; used++) {
			if (!strcmp(words[used], "then"))
				break;
		}
		if (run_command(used, words))
			ret = 1;
		count -= used + 1;
		words += used + 1;
	}
	return ret;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("usage: memtool COMMAND [ARGUMENT]... [then COMMAND ...]\n"
		      "       memtool -    (commands from standard input)\n",
		      stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	catch_faults();
	if (open_mem(O_RDWR))
		return 1;
	if (!strcmp(argv[1], "-"))
		return run_lines();
	return run_arguments(argc - 1, argv + 1);
}
