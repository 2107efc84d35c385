package io.byssus.stack.ip;

import io.byssus.runtime.memory.Buffer;

/**
 * What a {@link NeighbourCache} wants to happen. {@link ArpFrame} writes the packets. None of these
 * may call the cache.
 */
public interface ArpSink {
    /**
     * Send a request.
     *
     * @param senderIp ours; the same as {@code targetIp} in an announcement
     * @param destination the Ethernet address that it goes to: everybody, or one neighbour
     */
    void request(int senderIp, int targetIp, long destination);

    /** Send a reply: {@code senderIp}, which is ours, is at our Ethernet address. */
    void reply(int senderIp, int targetIp, long targetMac);

    /** Send a frame that has waited; its owner is the sink now. */
    void resolved(Buffer frame, long mac);

    /** Nobody has answered for {@code address}; the frame's owner is the sink now. */
    void unreachable(int address, Buffer frame);

    /** Another station uses our address; at most every 10 seconds for each address. */
    void conflict(int address, long mac);
}
