/**
 * IP and what keeps it going: addresses and routes, ARP, fragments, ICMP, path MTUs.
 *
 * <p>May import {@code stack.wire} and the runtime's {@code os}, {@code time} and {@code memory};
 * knows no device, no thread and no fiber, and gets the time as a parameter.
 */
package io.byssus.stack.ip;
