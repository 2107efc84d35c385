/** The native network stack: TCP/IP in user space, one stack per shard. */
module io.byssus.stack {
    requires io.byssus.net;
}
