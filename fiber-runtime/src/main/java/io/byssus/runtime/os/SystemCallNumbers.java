package io.byssus.runtime.os;

/** Numbers of the system calls that are made without the C library's wrapper. */
final class SystemCallNumbers {
    private static final boolean AMD64 = System.getProperty("os.arch").equals("amd64");

    static final long SENDTO = AMD64 ? 44 : 206; // asm/unistd_64.h, asm-generic/unistd.h
    static final long RECVFROM = AMD64 ? 45 : 207;

    private SystemCallNumbers() {}
}
