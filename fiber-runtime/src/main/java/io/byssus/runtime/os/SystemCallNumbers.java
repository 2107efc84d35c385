package io.byssus.runtime.os;

/** Numbers of the system calls that are made without the C library's wrapper. */
final class SystemCallNumbers {
    private static final boolean AMD64 = System.getProperty("os.arch").equals("amd64");

    static final long READ = AMD64 ? 0 : 63; // asm/unistd_64.h, asm-generic/unistd.h
    static final long WRITE = AMD64 ? 1 : 64;
    static final long READV = AMD64 ? 19 : 65;
    static final long WRITEV = AMD64 ? 20 : 66;
    static final long SENDTO = AMD64 ? 44 : 206;
    static final long RECVFROM = AMD64 ? 45 : 207;
    static final long IO_URING_SETUP = 425; // the same everywhere
    static final long IO_URING_ENTER = 426;
    static final long IO_URING_REGISTER = 427;

    private SystemCallNumbers() {}
}
