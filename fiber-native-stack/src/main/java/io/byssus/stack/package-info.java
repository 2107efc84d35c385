/**
 * The TCP/IP stack of Byssus's native mode: it implements the network's SPI over a layer-2 device.
 *
 * <p>So far there are only its header codecs and its devices for tests; the module is not
 * published.
 */
package io.byssus.stack;
