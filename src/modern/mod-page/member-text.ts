import { escapeHtml } from '../frame/html.ts'
import type { Member } from '../frame/page.ts'

export function isAdmin(member: Member | undefined): boolean {
  return member?.rank === 2
}

/** avatar_url() */
export function avatarPath(avatar: string): string {
  return `/img/${avatar === '' ? 'avatars/default.png' : escapeHtml(avatar)}`
}

/** rank_name() */
export function rankName(rank: number): string {
  if (rank === 2) return 'Administrator'
  return rank === 1 ? 'Creator' : 'Member'
}
