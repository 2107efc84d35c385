package io.byssus.runtime.os;

/**
 * {@code struct ucred}: who was at the other end of a Unix socket when it connected or listened:
 *
 * <pre>{@code
 * struct ucred {
 *   0  pid_t pid;
 *   4  uid_t uid;
 *   8  gid_t gid;
 * };               // 12 bytes
 * }</pre>
 */
public final class PeerCredentialsStruct {
    public static final int BYTES = 12;

    private static final int USER_OFFSET = 4;
    private static final int GROUP_OFFSET = 8;

    private PeerCredentialsStruct() {}

    public static int process(long address) {
        return RawMemory.getInt(address);
    }

    public static int user(long address) {
        return RawMemory.getInt(address + USER_OFFSET);
    }

    public static int group(long address) {
        return RawMemory.getInt(address + GROUP_OFFSET);
    }
}
