package io.byssus.net;

/**
 * What a datagram socket has done since it was opened. The native stack makes no system calls of
 * its own for a datagram: its device counts frames.
 *
 * @param received datagrams that were received
 * @param truncated of these, how many were longer than the options allow, and were cut off
 * @param receiveCalls system calls that brought them
 * @param coalesced of those that were received, how many the kernel had put together with others
 * @param dropped datagrams that the kernel, or the native stack, dropped since nobody received them
 *     in time; the kernel counts broken ones with them
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
