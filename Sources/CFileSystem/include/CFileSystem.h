#ifndef C_FILE_SYSTEM_H
#define C_FILE_SYSTEM_H

/// Exchanges the names of two files in one step; 0, or -1 and `errno`, which is `ENOSYS` where the system cannot.
int file_system_exchange(const char *one, const char *other);

#endif
