export function installNodePackages(checkout: string): Promise<void>
export function isInstalled(checkout: string): boolean
