/* A disk that fails: preloaded into a process, it lets some writes and syncs of one file end with an error.
 *
 * FAULTS_FILE   how the name of the file ends; others are left alone
 * FAULTS_WRITE  the number of the write that fails with ENOSPC, after half of it was written; 0 for none
 * FAULTS_SYNC   the number of the sync that fails with EIO; 0 for none
 * FAULTS_LOG    a file that gets a letter for each call: w and s, W and S for those that failed
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long writes, syncs;

static int is_ours(int fd)
{
    const char *end = getenv("FAULTS_FILE");
    char link[64], name[4096];
    ssize_t length;
    if (!end)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, name, sizeof name - 1);
    if (length < (ssize_t)strlen(end))
        return 0;
    name[length] = 0;
    return strcmp(name + length - strlen(end), end) == 0;
}

static int fails(const char *setting, long *count)
{
    const char *at = getenv(setting);
    return ++*count == (at ? atol(at) : 0);
}

static void note(char letter)
{
    const char *path = getenv("FAULTS_LOG");
    int log = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (log >= 0) {
        /* Not by write(), which may be ours. */
        dprintf(log, "%c", letter);
        close(log);
    }
}

static int synced(int fd, const char *name)
{
    int (*really)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (!is_ours(fd))
        return really(fd);
    if (fails("FAULTS_SYNC", &syncs)) {
        note('S');
        errno = EIO;
        return -1;
    }
    note('s');
    return really(fd);
}

int fsync(int fd) { return synced(fd, "fsync"); }
int fdatasync(int fd) { return synced(fd, "fdatasync"); }

static ssize_t written(int fd, const void *bytes, size_t length, off64_t at)
{
    ssize_t (*really)(int, const void *, size_t, off64_t) =
        (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    if (!is_ours(fd))
        return really(fd, bytes, length, at);
    if (fails("FAULTS_WRITE", &writes)) {
        note('W');
        really(fd, bytes, length / 2, at);
        errno = ENOSPC;
        return -1;
    }
    note('w');
    return really(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return written(fd, bytes, length, at); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return written(fd, bytes, length, at); }
