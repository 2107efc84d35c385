package io.byssus.net;

/**
 * Who was at the other end of a Unix connection when it was made, as the kernel knows
 * (SO_PEERCRED).
 *
 * @param processId of the process, in the own process namespace; 0 if it is in none of that
 * @param userId its effective user
 * @param groupId its effective group
 */
public record PeerCredentials(int processId, int userId, int groupId) {}
