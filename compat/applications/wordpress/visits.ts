import { administrator } from '../../application.ts'
import { caught, expectStatus, type Visitor } from '../../pair.ts'
import type { Both } from '../../sides.ts'

export async function logIn(
  visitor: Visitor,
  user: string = administrator.user,
  password: string = administrator.password,
): Promise<void> {
  await visitor.get('/wp-login.php')
  const form = { log: user, pwd: password, 'wp-submit': 'Log In', redirect_to: '/wp-admin/', testcookie: '1' }
  expectStatus(await visitor.post('/wp-login.php', form), 302)
}

/** The one that scripts of the administration send with each call of the REST API. */
export async function restNonce(visitor: Visitor): Promise<Both<string>> {
  return caught(await visitor.get('/wp-admin/post-new.php'), /createNonceMiddleware\( "([0-9a-f]{10})" \)/)
}

/** A hidden field of a form. */
export async function fieldOf(visitor: Visitor, page: string, name: string): Promise<Both<string>> {
  return caught(await visitor.get(page), new RegExp(`name=["']${name}["'][^>]* value=["']([^"']*)["']`))
}
