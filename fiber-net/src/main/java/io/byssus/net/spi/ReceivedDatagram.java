package io.byssus.net.spi;

/**
 * What a stack tells of a datagram beside its payload; filled anew by every {@link
 * StackDatagrams#receive}.
 *
 * <p><b>Ownership:</b> of whoever made it.
 */
public final class ReceivedDatagram {
    private final DatagramAddress source = new DatagramAddress();
    private final DatagramAddress destination = new DatagramAddress();
    private final DatagramAddress host = new DatagramAddress();
    private int length;
    private boolean hasDestination;
    private boolean hasHost;
    private boolean hasCredentials;
    private int processId;
    private int userId;
    private int groupId;

    /** Of nothing. */
    public ReceivedDatagram() {}

    /** Begins anew: nothing is known but what is set from now on. */
    public void begin(int bytes) {
        length = bytes;
        hasDestination = false;
        hasHost = false;
        hasCredentials = false;
    }

    /** Who sent it. */
    public DatagramAddress source() {
        return source;
    }

    /** Bytes that were sent: more than its payload has, if that was cut off. */
    public int length() {
        return length;
    }

    /** Sets {@link #length}. */
    public void length(int bytes) {
        length = bytes;
    }

    /** The address that it was sent to, without a port; null if that is not known. */
    public DatagramAddress destination() {
        return hasDestination ? destination : null;
    }

    /** The address of this host that an answer is to come from; null to leave that open. */
    public DatagramAddress host() {
        return hasHost ? host : null;
    }

    /** Sets {@link #destination}, octets as {@link DatagramAddress} has them. */
    public void destination(long high, long low) {
        destination.set(high, low, 0, 0);
        hasDestination = true;
    }

    /** Sets {@link #host}. */
    public void host(long high, long low) {
        host.set(high, low, 0, 0);
        hasHost = true;
    }

    /** Sets who sent it, as the kernel knows. */
    public void credentials(int process, int user, int group) {
        processId = process;
        userId = user;
        groupId = group;
        hasCredentials = true;
    }

    /** Whether the next three are known. */
    public boolean hasCredentials() {
        return hasCredentials;
    }

    public int processId() {
        return processId;
    }

    public int userId() {
        return userId;
    }

    public int groupId() {
        return groupId;
    }
}
