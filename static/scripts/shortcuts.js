// A few keys for whoever likes the keyboard. Everything can be reached with Tab without them, and they can be switched
// off (WCAG 2.1.4): on the page of shortcuts, for this browser. Never while somebody types.

const SWITCH = 'cait-shortcuts'
// The list of the page: of the desk where there is one, else the table.
const LISTS = ['.cait-desk__list .cait-mail__link', 'main .cait-table th[scope=row] > a:first-of-type']

const areOff = () => {
  try {
    return localStorage.getItem(SWITCH) === 'off'
  } catch {
    return false // a browser that keeps nothing
  }
}

const switchTo = (off) => {
  try {
    if (off) localStorage.setItem(SWITCH, 'off')
    else localStorage.removeItem(SWITCH)
    return true
  } catch {
    return false
  }
}

const items = () => LISTS.map(each => [...document.querySelectorAll(each)]).find(found => found.length) || []

// From where the focus is, or from what is open; else to the first.
const move = (by) => {
  const all = items()
  const here = document.activeElement?.closest('li, tr')
  let at = all.findIndex(each => each === document.activeElement || (here && here.contains(each)))
  if (at < 0) at = all.findIndex(each => each.closest('[aria-current]'))
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]
  next?.focus()
  return Boolean(next)
}

const typesIn = (target) => target.closest?.('input, textarea, select, [contenteditable]')

const goTo = (address) => {
  if (address) location.assign(address)
  return Boolean(address)
}

const press = (key, link, target) => {
  switch (key) {
    case '?': return goTo(link.href)
    case 'n': return goTo(link.dataset.newReferral)
    case 'j': return move(1)
    case 'k': return move(-1)
    case 'ArrowDown':
    case 'ArrowUp': return Boolean(target.closest?.('.cait-desk__list')) && move(key === 'ArrowDown' ? 1 : -1)
    case '/': {
      const box = document.querySelector('.cait-search input')
      box?.focus()
      return Boolean(box)
    }
    default: return false
  }
}

export function listenForShortcuts () {
  const link = document.getElementById('shortcuts')
  if (!link) return
  const hint = document.getElementById('shortcuts-hint')
  hint.hidden = areOff()

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return
    if (typesIn(event.target) || areOff()) return
    if (press(event.key, link, event.target)) event.preventDefault()
  })

  const part = document.getElementById('shortcuts-switch')
  if (!part) return
  const button = part.querySelector('button')
  const status = part.querySelector('[role=status]')
  const say = (kept = true) => {
    const off = areOff()
    status.textContent = kept
      ? `Keyboard shortcuts are switched ${off ? 'off' : 'on'} in this browser.`
      : 'This browser does not keep what you choose, so it could not be changed.'
    button.textContent = off ? 'Switch them on' : 'Switch them off'
    hint.hidden = off
  }
  button.addEventListener('click', () => say(switchTo(!areOff())))
  document.getElementById('shortcuts-none').hidden = true
  part.hidden = false
  say()
}
