package io.byssus.net.posix;

/** What becomes of a datagram socket's name. */
interface DatagramName {
    /** Nothing is to be done. */
    DatagramName NOBODYS = new DatagramName() {};

    /** The descriptor is about to be closed. */
    default void closing() {}

    /** The descriptor has been closed. */
    default void closed() {}
}
