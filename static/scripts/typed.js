// Whoever sends a form after their session has ended is led to sign in, and nothing is saved. What they typed stays in
// this tab until then, and is offered back to them, and to nobody else: in the form where it stands, elsewhere to be copied.
//
// It is personal data, at a desk that may be shared: so it is kept by the tab alone, which forgets it when it is
// closed, and only from the sending of a form to the next page. Only the page on which one signs in leaves it there.

const KEY = 'cait-typed'
// What a form is sent with that is nobody's typing and is another each time.
const TOKEN = 'csrfmiddlewaretoken'
// What says how things were when the form was opened. It is put back too: where somebody was faster, CAIT says so.
const OF_ITS_TIME = /(^|-)(version|seen|was|message_uses|token)(-|$)/
const CHOSEN = ['radio', 'checkbox']
const NOT_TYPED = ['password', 'file', 'submit', 'button', 'reset', 'image', 'fieldset', 'output', 'object']

export function keepTyped () {
  const account = document.querySelector('[data-account]')?.dataset.account
  const kept = read()
  if (!account) {
    const waits = document.getElementById('typed-waits')
    if (!kept || !waits) return
    write({ ...kept, signedOut: true })
    waits.hidden = false
    return
  }
  // The page that follows is shown, so the form was taken, or its page says what is wrong with it.
  if (kept && (kept.account !== account || !kept.signedOut)) forget()
  else if (kept) offer(kept)

  document.addEventListener('submit', ({ target: form }) => {
    if (form.hasAttribute('data-signs-out')) forget()
    else keep(form, account)
  })
}

function read () {
  try {
    return JSON.parse(sessionStorage.getItem(KEY))
  } catch {
    return null // it is switched off: then nothing is kept
  }
}

function write (kept) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept))
  } catch {
    forget() // more than a tab may keep; part of it would be taken for the whole
  }
}

function forget () {
  try {
    sessionStorage.removeItem(KEY)
  } catch {} // it is switched off
}

const addressOf = (form) => new URL(form.getAttribute('action') || '', location.href).pathname
const isPost = (form) => form.getAttribute('method')?.toLowerCase() === 'post'
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.name !== TOKEN && !NOT_TYPED.includes(field.type))

function isTyped (field) {
  if (field.type === 'hidden') return false
  if (CHOSEN.includes(field.type)) return field.checked !== field.defaultChecked
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected)
  return field.value !== field.defaultValue
}

function keep (form, account) {
  if (!isPost(form) || !fieldsOf(form).some((field) => field.type !== 'hidden' && field.value)) return
  const counted = {}
  const fields = fieldsOf(form).map((field) => {
    const { name, type, value } = field
    const place = counted[name] = (counted[name] ?? -1) + 1
    const chosen = field.options ? [...field.options].filter((option) => option.selected).map((option) => option.value) : field.checked
    return { name, type, value, place, chosen, typed: isTyped(field) }
  })
  write({ account, page: location.pathname, action: addressOf(form), fields })
}

// --- offering it back ------------------------------------------------------------------------------

const sameName = (form, kept) => fieldsOf(form).filter((field) => field.name === kept.name)
const fieldFor = (form, kept) => CHOSEN.includes(kept.type)
  ? sameName(form, kept).find((field) => field.type === kept.type && field.value === kept.value)
  : sameName(form, kept).find((field, place) => place === kept.place)

// Of several forms to one address, as for each of many gaps, the one about the same.
function formFor (kept) {
  return [...document.forms].find((form) => isPost(form) && addressOf(form) === kept.action && kept.fields.every((each) => {
    const field = fieldFor(form, each)
    if (each.type === 'hidden') return OF_ITS_TIME.test(each.name) || field?.value === each.value
    return field || !each.typed
  }))
}

function putBack (form, kept) {
  for (const each of kept.fields) {
    const field = fieldFor(form, each)
    if (!field) continue
    if (CHOSEN.includes(each.type)) {
      if (field.checked !== each.chosen && (each.chosen || each.type === 'checkbox')) field.click() // what it reveals follows
      continue
    }
    if (field.options) {
      const options = [...field.options]
      if (!each.chosen.every((value) => options.some((option) => option.value === value))) continue // not offered any more
      for (const option of options) option.selected = each.chosen.includes(option.value)
    } else field.value = each.value
    if (each.type === 'hidden') continue
    for (const happening of ['input', 'change']) field.dispatchEvent(new Event(happening, { bubbles: true }))
  }
}

function offer (kept) {
  const form = formFor(kept)
  const texts = kept.fields.filter((each) => each.typed && !CHOSEN.includes(each.type) && !Array.isArray(each.chosen) && each.value.trim())

  const make = (tag, className, ...inside) => {
    const made = document.createElement(tag)
    made.className = className
    made.append(...inside)
    return made
  }
  const button = (words, className, act) => {
    const made = make('button', `govuk-button ${className}`, words)
    made.type = 'button'
    made.addEventListener('click', act)
    return made
  }
  const title = make('h2', 'govuk-notification-banner__title', 'Important')
  title.id = 'typed-h'
  const said = make('p', 'govuk-notification-banner__heading', 'You were signed out before this was saved.')
  const acts = make('div', 'govuk-button-group')
  const content = make('div', 'govuk-notification-banner__content', said)
  const banner = make('div', 'govuk-notification-banner cait-banner--act cait-no-print', make('div', 'govuk-notification-banner__header', title), content)
  banner.id = 'typed-offer'
  banner.setAttribute('role', 'alert')
  banner.setAttribute('aria-labelledby', title.id)
  banner.tabIndex = -1

  if (form) {
    acts.append(button('Put back what you typed', '', () => {
      putBack(form, kept)
      forget()
      said.textContent = 'What you typed is put back. It is not saved yet: check it, then send it.'
      acts.remove()
      banner.focus()
    }))
  } else {
    // On another page, or where the form is not there any more, as when a colleague was faster.
    if (texts.length) content.append(make('ul', 'cait-rows', ...texts.map((each) => make('li', 'cait-typed', each.value))))
    if (kept.page !== location.pathname) {
      const link = make('a', 'govuk-notification-banner__link', 'Open the form again')
      link.href = kept.page
      content.append(make('p', '', link))
    }
  }
  acts.append(button('Throw it away', 'govuk-button--secondary', () => {
    forget()
    banner.remove()
  }))
  content.append(acts)
  // Above what the page says first: on a record that stands below the strip with whom it is about.
  const heading = document.querySelector('main h1')
  const strip = heading.closest('.cait-identity')
  if (strip) strip.after(banner)
  else heading.before(banner)
}
