/**
 * The TCP/IP stack of Byssus's native mode: ties the protocols, which know neither device nor
 * fiber, to a shard's reactor and device, and implements the network's SPI.
 */
package io.byssus.stack;
