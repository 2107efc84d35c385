/**
 * The TCP/IP stack of Byssus's native mode: it implements the network's SPI over a layer-2 device.
 *
 * <p>Nothing is here yet, and the module is not published.
 */
package io.byssus.stack;
