package io.byssus.net;

/**
 * What a UDP socket has done since it was opened.
 *
 * @param received datagrams that were received
 * @param truncated of these, how many were longer than the options allow, and were cut off
 * @param receiveCalls system calls that brought them
 * @param coalesced of those that were received, how many the kernel had put together with others
 * @param dropped datagrams that the kernel dropped since nobody received them in time, or that were
 *     broken
 * @param sent datagrams that the kernel took
 * @param failed datagrams that it refused, or that were not sent when the socket was closed
 * @param sendCalls system calls that sent them
 * @param segmented of those that were sent, how many the kernel was given as parts of a large one
 */
public record DatagramCounters(
        long received,
        long truncated,
        long receiveCalls,
        long coalesced,
        long dropped,
        long sent,
        long failed,
        long sendCalls,
        long segmented) {}
