// Every page works without this file. It adds what GOV.UK Frontend does with script; of MoJ Frontend
// we use only the looks, so none of its script is here.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  Radios,
  SkipLink,
  createAll
} from 'govuk-frontend'

import { saveAnswers } from './assessment.js'
import { openReasons, selectDuties } from './queue.js'
import { keepReferral } from './referral.js'
import { listenForShortcuts } from './shortcuts.js'
import { keepTyped } from './typed.js'

// GOV.UK Frontend's own page template sets these two inline; our Content-Security-Policy allows no inline script.
document.body.classList.add('js-enabled', 'govuk-frontend-supported')

// So that no template has to say it of each button: a second press within a second is ignored where
// data-prevent-double-click stands, and a link that looks like a button answers to the space bar.
for (const button of document.querySelectorAll('.govuk-button:not([data-module])')) {
  button.dataset.module = 'govuk-button'
}

for (const component of [Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, Radios, SkipLink]) {
  createAll(component)
}

keepReferral()
saveAnswers()
selectDuties()
openReasons()
listenForShortcuts()
keepTyped()
