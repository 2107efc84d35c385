package io.byssus.net.posix;

/**
 * What the kernel can do for a UDP socket.
 *
 * @param family of its addresses
 * @param coalesces whether it may put arriving datagrams together (UDP_GRO, Linux 5.0)
 * @param segments whether it cuts large messages into datagrams (UDP_SEGMENT, Linux 4.18)
 */
record UdpFeatures(int family, boolean coalesces, boolean segments) {}
